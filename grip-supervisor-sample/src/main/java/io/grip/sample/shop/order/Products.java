package io.grip.sample.shop.order;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The shelves. Each change is one statement, so two customers never get the same last piece. */
@Repository
class Products {

    private static final String SELECT = "select sku, name, price, available from products ";

    private final JdbcClient jdbc;

    Products(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<Product> all() {
        return jdbc.sql(SELECT + "order by sku").query(Product.class).list();
    }

    /** @throws UnknownProduct if the shop does not sell it */
    Product get(String sku) {
        return jdbc.sql(SELECT + "where sku = ?")
                .param(sku)
                .query(Product.class)
                .optional()
                .orElseThrow(() -> new UnknownProduct(sku));
    }

    /** @throws OutOfStock if there are not that many left */
    void take(String sku, int quantity) {
        int taken = jdbc.sql("update products set available = available - ? where sku = ? and available >= ?")
                .params(quantity, sku, quantity)
                .update();
        if (taken == 0) {
            throw new OutOfStock(sku, quantity);
        }
    }

    void giveBack(String sku, int quantity) {
        jdbc.sql("update products set available = available + ? where sku = ?")
                .params(quantity, sku)
                .update();
    }
}
