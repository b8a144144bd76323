"""What the simulated company's systems would send of purchases, margins and staff."""

import pandas as pd

from clvsite.simulated.facts import Facts

ANSWERED = 0.9
SMALLEST_GROUP = 8


def purchases(facts: Facts) -> pd.DataFrame:
    """Order lines, and a line below zero for what was refunded.

    The order system knows products by their category, so that selling somebody what is new to
    them can be seen; size and grade show in what a line has cost.
    """
    customers = facts.customers.set_index("customer")
    lines = facts.lines.rename(columns={"ordered_at": "time"})
    refunded = facts.returns.dropna(subset="refunded_on")
    back = pd.DataFrame(
        {
            "order": "R" + refunded["order"],
            "customer": refunded["customer"],
            "time": refunded["refunded_on"] + pd.Timedelta(hours=12),
            "product": refunded["product"],
            "quantity": -refunded["quantity"],
            "amount": -refunded["amount"],
        }
    )
    names = ["order", "customer", "time", "product", "quantity", "amount"]
    table = pd.concat([lines[names], back], ignore_index=True)
    table = table.join(facts.margins.set_index("product"), on="product")
    table["cost"] = (table["amount"] * (1 - table.pop("margin"))).round(2)
    table["product"] = _category(table["product"])
    table = table.join(customers[["name", "country", "channel", "department"]], on="customer")
    return table.sort_values(["time", "order"], kind="stable", ignore_index=True)


def margins(facts: Facts) -> pd.DataFrame:
    """What a category leaves on average, for a line whose own cost is not known."""
    mean = facts.margins["margin"].groupby(_category(facts.margins["product"])).mean()
    return mean.round(4).reset_index()


def staff(facts: Facts) -> pd.DataFrame:
    answers = (facts.staff["headcount"] * ANSWERED).round().clip(lower=SMALLEST_GROUP).astype(int)
    return facts.staff.assign(month=facts.staff["month"].dt.strftime("%Y-%m"), answers=answers)


def _category(product: pd.Series) -> pd.Series:
    return product.str.split(",").str[0]
