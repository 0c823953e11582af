from shop.products import Product
from shop.warehouse import Warehouse


def test_pieces_add_up():
    warehouse = Warehouse()
    warehouse.put(Product("tea", "Green tea", 450), 10)
    warehouse.put(Product("tea", "Green tea", 450), 5)
    assert warehouse.available("tea") == 15


def test_what_was_never_put_is_not_available():
    assert Warehouse().available("tea") == 0
