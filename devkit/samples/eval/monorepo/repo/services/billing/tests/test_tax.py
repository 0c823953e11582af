import unittest

from billing.invoice import Invoice, Line
from billing.tax import gross, tax


class TaxTest(unittest.TestCase):
    def test_the_standard_rate(self):
        self.assertEqual(tax(1000), 190)

    def test_no_tax_at_the_zero_rate(self):
        self.assertEqual(gross(999, "zero"), 999)

    def test_an_invoice_is_the_sum_of_its_lines(self):
        invoice = Invoice([Line("Desk", 20000), Line("Book", 1000, pieces=2, rate="reduced")])
        self.assertEqual(invoice.total(), 23800 + 2140)
