"""The example that `structdiff demo` runs: an e-mail, and what is to be read out of it."""

from __future__ import annotations

from pydantic import BaseModel

EMAIL = """Subject: Invoice INV-20417

Dear Ms Okafor,

thank you for your order PO-8831. Invoice INV-20417 from Halden Paper Supply is attached. It was issued on 3 March 2025
and is due on 2 April 2025. The goods, 24 boxes of A4 paper and a label printer, left our Bergen warehouse on Monday and
should reach you by Thursday. The invoice total is EUR 1284.50. It has not been paid yet.

Kind regards,
Marit Solberg
Accounts receivable
"""


class Invoice(BaseModel):
    invoice_number: str
    seller: str
    due_date: str
    total: float
    paid: bool
