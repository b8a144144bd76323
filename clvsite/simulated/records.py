"""What the simulated company's systems have on record by its last day."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvsite.simulated.facts import Facts
from clvsite.simulated.orders import ORDERS_AT_ONCE
from clvsite.simulated.outreach import REFERRAL_BONUS
from clvsite.simulated.prospects import CHANNELS, REFERRAL, acquisition_facts, prospect_facts
from clvsite.simulated.surroundings import catalogue
from clvsite.simulated.surroundings.conditions import DEPOTS, FIRST_DAY, FIRST_MONDAY, GROUPS

if TYPE_CHECKING:
    from clvsite.simulated.company import Company

KEYS_A_PERSON = 10_000
MINUTE = "timedelta64[m]"
LONG_WAIT = 45.0


def facts_of(company: "Company") -> Facts:
    return _Writer(company).facts()


class _Writer:
    def __init__(self, company: "Company") -> None:
        self._company, self._world = company, company.world
        self._last = company.world.last_day
        self._dice = company.world.dice
        number = company.people.number
        self._codes = np.array([f"T{each:06d}" for each in number], dtype=object)
        self._book = {
            name: pd.concat(t, ignore_index=True) for name, t in company.book.tables.items()
        }
        self._outreach = {
            name: pd.concat(t, ignore_index=True) for name, t in company.outreach.tables.items()
        }
        self._months = pd.concat(company.months, ignore_index=True)
        self._keys = pd.Index(self._book["deliveries"]["order"])
        self._order_codes = np.array([_order_code(key) for key in self._keys], dtype=object)

    def facts(self) -> Facts:
        lines = self._lines()
        defects = self._book["lines"]
        defects = defects[defects["defective"] & (defects["delivered_on"] <= self._last)]
        return Facts(
            self._last,
            customers=self._customers(),
            prospects=self._prospects(),
            lines=lines,
            deliveries=self._deliveries(),
            invoices=self._invoices(),
            tickets=self._tickets(),
            defects=pd.DataFrame(
                {
                    "order": self._order(defects["order_key"]),
                    "line": defects["line"].to_numpy(),
                    "customer": self._codes[defects["row"]],
                    "product": np.array(catalogue.PRODUCTS)[defects["product"]],
                    "found_on": defects["delivered_on"].to_numpy(),
                }
            ),
            returns=self._returns(),
            surveys=self._surveys(),
            save_calls=self._known(self._outreach["save_calls"], "flagged_on", "done_on"),
            contacts=self._known(self._outreach["contacts"], "contacted_on"),
            referrals=self._referrals(),
            staff=self._company.staff.facts(self._world),
            inspections=self._inspections(),
            acquisition=acquisition_facts(self._world, self._company.prospects),
            margins=pd.DataFrame(
                {
                    "product": catalogue.PRODUCTS,
                    "margin": catalogue.PRODUCT_MARGINS,
                }
            ),
            hidden=self._hidden(),
            hidden_leaving=pd.Series(self._company.left_on, index=self._codes)[self._joined()],
        )

    def _joined(self) -> NDArray[np.bool_]:
        return self._company.joined_on <= self._last

    def _order(self, key: pd.Series) -> NDArray:
        return self._order_codes[self._keys.get_indexer(key)]

    def _known(self, table: pd.DataFrame, begun: str, *later: str) -> pd.DataFrame:
        """Rows that have begun, their later days only where reached; customer instead of row."""
        table = table[table[begun] <= self._last + np.timedelta64(1, "D") - np.timedelta64(1, "m")]
        table = table.assign(
            **{name: table[name].where(table[name] < self._last + 1) for name in later}
        )
        customer = self._codes[table["row"]]
        table = table.drop(columns=["row", "month"], errors="ignore")
        table.insert(0, "customer", customer)
        if "order" in table:
            table["order"] = self._order(table["order"])
        return table.reset_index(drop=True)

    def _customers(self) -> pd.DataFrame:
        company, people = self._company, self._company.people
        (rows,) = np.nonzero(self._joined())
        number = people.number[rows]
        trade = people.trade[rows] == 1
        won = rows < company.won
        channel = np.where(
            won,
            np.array(CHANNELS)[company.prospects.channel[np.where(won, number, 0)]],
            REFERRAL,
        )
        group = people.group[rows]
        closed = np.where(trade, company.left_on[rows], np.datetime64("NaT"))
        reason = np.array(["service", "price", "closed down"])[
            np.searchsorted([0.6, 0.85], self._dice.roll("reason", number))
        ]
        country = np.searchsorted(
            np.cumsum(catalogue.COUNTRY_WEIGHTS)[:-1], self._dice.roll("country", number)
        )
        table = pd.DataFrame(
            {
                "customer": self._codes[rows],
                "name": self._names(number, trade),
                "kind": np.where(trade, "trade", "retail"),
                "country": np.array(catalogue.COUNTRIES)[country],
                "channel": channel,
                "department": np.where(trade, "Sales", "Service"),
                "group": np.array(GROUPS)[group],
                "depot": np.array(DEPOTS)[people.depot[rows]],
                "joined_on": company.joined_on[rows],
                "closed_on": closed,
                "closed_reason": np.where(np.isnat(closed), "", reason),
            }
        )
        return table.sort_values(["joined_on", "customer"], ignore_index=True)

    def _names(self, number: NDArray, trade: NDArray) -> list[str]:
        def pick(words: tuple[str, ...], what: str) -> NDArray:
            return np.array(words)[self._dice.between(0, len(words) - 1, what, number)]

        given = pick(catalogue.GIVEN_NAMES, "given name")
        family = pick(catalogue.FAMILY_NAMES, "family name")
        business = pick(catalogue.TRADES, "business")
        return [
            f"{last} {shop}" if is_trade else f"{first} {last}"
            for first, last, shop, is_trade in zip(given, family, business, trade, strict=True)
        ]

    def _prospects(self) -> pd.DataFrame:
        won = np.arange(len(self._company.prospects))
        codes = np.array([f"T{each:06d}" for each in won], dtype=object)
        return prospect_facts(self._world, self._company.prospects, codes)

    def _lines(self) -> pd.DataFrame:
        lines = self._book["lines"]
        order = lines["order_key"].to_numpy()
        minute = (480 + 720 * self._dice.roll("order minute", order)).astype(MINUTE)
        product = lines["product"].to_numpy()
        return pd.DataFrame(
            {
                "order": self._order(lines["order_key"]),
                "line": lines["line"],
                "customer": self._codes[lines["row"]],
                "ordered_at": lines["ordered_on"].to_numpy().astype("M8[m]") + minute,
                "product": np.array(catalogue.PRODUCTS)[product],
                "category": np.array(catalogue.CATEGORIES)[product // catalogue.IN_CATEGORY],
                "quantity": lines["quantity"],
                "amount": lines["amount"],
                "kind": np.array(["regular", "first", "cross-sell"])[lines["kind"]],
            }
        )

    def _deliveries(self) -> pd.DataFrame:
        table = self._book["deliveries"].drop(columns="late")
        table = table.assign(ordered_on=table["dispatch_due_on"] - pd.Timedelta(days=1))
        return self._known(table, "ordered_on", "dispatched_on", "delivered_on").drop(
            columns="ordered_on"
        )

    def _invoices(self) -> pd.DataFrame:
        table = self._known(self._book["invoices"], "sent_on", "corrected_on")
        return table.assign(corrected=table["corrected_on"].notna())

    def _tickets(self) -> pd.DataFrame:
        table = self._known(self._book["tickets"], "opened_at", "answered_at", "closed_at")
        is_closed = table["closed_at"].notna()
        return table.drop(columns="hours").assign(
            first_contact=table["first_contact"] & is_closed,
            reopened=table["reopened"].where(is_closed, 0),
        )

    def _returns(self) -> pd.DataFrame:
        table = self._book["returns"].rename(columns={"order_key": "order"})
        table = table.assign(product=np.array(catalogue.PRODUCTS)[table["product"]])
        return self._known(table, "requested_on", "refunded_on")

    def _surveys(self) -> pd.DataFrame:
        surveys = self._outreach["surveys"]
        felt = surveys.merge(self._months, on=["row", "month"], how="left", validate="m:1")
        why = np.select(
            [felt["late"] > 0, felt["defective"] > 0, felt["corrected"] > 0,
             felt["hours"] > LONG_WAIT, felt["satisfaction"] > 80],
            ["late", "defective", "corrected", "waited", "pleased"],
            "neutral",
        )  # fmt: skip
        luck = self._dice.roll("wording", surveys["row"], surveys["month"])
        said = [
            catalogue.TEXTS[reason][int(place * len(catalogue.TEXTS[reason]))] if writes else ""
            for reason, place, writes in zip(why, luck, surveys["writes"], strict=True)
        ]
        return self._known(surveys.assign(text=said), "answered_on").drop(columns="writes")

    def _referrals(self) -> pd.DataFrame:
        table = self._outreach["referrals"]
        friend = self._codes[table["row"] + self._company.won * (1 + table["nth"])]
        table = table.drop(columns="nth").assign(friend=friend)
        table = self._known(table, "referred_on", "first_on")
        came = table["first_on"].notna()
        return table.assign(
            friend=table["friend"].where(came, ""), paid=np.where(came, REFERRAL_BONUS, 0.0)
        )

    def _inspections(self) -> pd.DataFrame:
        weeks = int((self._last - FIRST_MONDAY).astype(int) + 1) // 7
        return pd.DataFrame(
            {
                "week": FIRST_MONDAY + 7 * np.arange(weeks),
                "escaped": self._world.escaped[:weeks],
            }
        )

    def _hidden(self) -> pd.DataFrame:
        months = self._months
        return months.drop(columns="row").assign(
            customer=self._codes[months["row"]],
            month=(FIRST_DAY.astype("M8[M]") + months["month"].to_numpy()).astype("M8[D]"),
        )


def _order_code(key: int) -> str:
    """Year and month, the customer's number, and which of the month's orders it is."""
    number, rest = divmod(key, KEYS_A_PERSON)
    month, place = divmod(rest, ORDERS_AT_ONCE)
    return f"{23 + month // 12:02d}{month % 12 + 1:02d}-{number:06d}-{place}"
