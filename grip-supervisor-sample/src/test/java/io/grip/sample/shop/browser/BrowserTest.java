package io.grip.sample.shop.browser;

import io.grip.sample.shop.ShopTest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.Import;

/** The shop, and a real browser that looks at it; left out, with the reason said, on a machine that has none. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ChromiumCondition.class)
@ShopTest
@Import(TestSubjects.class)
@interface BrowserTest {}
