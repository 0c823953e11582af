import pytest

from shop.cart import Cart
from shop.errors import UnknownProduct
from shop.products import Product
from shop.warehouse import Warehouse


@pytest.fixture()
def warehouse():
    warehouse = Warehouse()
    warehouse.put(Product("tea", "Green tea", 450), 10)
    warehouse.put(Product("cup", "Cup", 1200), 3)
    return warehouse


def test_an_empty_cart_costs_nothing(warehouse):
    assert Cart(warehouse).total() == 0


def test_adding_reserves_the_pieces(warehouse):
    cart = Cart(warehouse)
    cart.add("tea", 4)
    assert cart.count("tea") == 4
    assert warehouse.available("tea") == 6


def test_adding_twice_adds_up(warehouse):
    cart = Cart(warehouse)
    cart.add("cup")
    cart.add("cup", 2)
    assert cart.count("cup") == 3


def test_an_unknown_product_is_refused(warehouse):
    with pytest.raises(UnknownProduct):
        Cart(warehouse).add("spoon")


def test_the_total_is_the_sum_of_the_prices(warehouse):
    cart = Cart(warehouse)
    cart.add("tea", 2)
    cart.add("cup", 1)
    assert cart.total() == 2100


def test_a_discount_is_rounded_down(warehouse):
    cart = Cart(warehouse)
    cart.add("tea", 1)
    assert cart.total(discount_percent=3) == 436


def test_removing_gives_the_pieces_back(warehouse):
    cart = Cart(warehouse)
    cart.add("tea", 4)
    cart.remove("tea")
    assert warehouse.available("tea") == 10
    assert cart.count("tea") == 0
