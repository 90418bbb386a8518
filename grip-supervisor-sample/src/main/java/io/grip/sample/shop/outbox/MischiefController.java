package io.grip.sample.shop.outbox;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** {@code PUT /workers/mischief} makes workers misbehave: {@code {"deliverer": "FAIL", "reader": "DEAF"}}. */
@RestController
class MischiefController {

    /** What is not named stays as it is. */
    record Wish(Mischief.@Nullable Kind deliverer, Mischief.@Nullable Kind reader) {}

    private final Mischief mischief;

    MischiefController(Mischief mischief) {
        this.mischief = mischief;
    }

    @GetMapping("/workers/mischief")
    Map<String, Mischief.Kind> mischief() {
        return mischief.all();
    }

    @PutMapping("/workers/mischief")
    Map<String, Mischief.Kind> change(@RequestBody Wish wish) {
        if (wish.deliverer() != null) {
            mischief.set(Deliverer.NAME, wish.deliverer());
        }
        if (wish.reader() != null) {
            mischief.set(DeliveryReader.NAME, wish.reader());
        }
        return mischief.all();
    }
}
