package io.grip.sample.shop.order;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

/**
 * What a customer sends.
 *
 * @param card a token that stands for the card; the gateway knows which
 */
record OrderRequest(
        @NotBlank @Size(max = 40) String sku,
        @NotNull @Min(1) @Max(20) Integer quantity,
        @NotNull @Pattern(regexp = "tok_[a-z0-9]{1,30}") String card) {}
