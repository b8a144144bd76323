"""Make purchases.csv.gz and spend.csv.gz: what the models must say, in fifty-digit arithmetic.

    python tests/metrics/clv/models/reference/make_reference.py

The papers' formulas, by mpmath, with none of the engine's code or ideas; some minutes with
two processes. Each value is computed with 50 digits and with 80, and with 200 where these differ.

BG/NBD, MBG/NBD, NBD: log-likelihood of one history, P(alive), purchases in (T, T + t] if alive
(Fader, Hardie, Lee 2005, equation 10 and its MBG twin), and the discounted residual if alive as
the Laplace transform of Gauss's function, a Meijer G. Where a is 1 the formulas have a pole:
they are taken at 1 + 1e-40, with 40 more digits. Gamma-Gamma: log-likelihood of one mean spend,
expected spend.

Parameters are log-uniform: most over ranges that data give, some over a wide range, some over all
that a fit may search (r up to 1,000, beyond which mpmath takes minutes a point); a draw for which
mpmath gives up, or takes too long, is drawn again.
"""

import csv
import gzip
import io
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pool
from pathlib import Path
from random import Random

import mpmath as mp
from mpmath.libmp import NoConvergence

HERE = Path(__file__).parent
SEED = 20261122
MODELS = {"bg_nbd": 320, "mbg_nbd": 300, "nbd": 80, "gamma_gamma": 180}
TOGETHER = 12
"""Histories drawn for each model, so that the engine can be asked for them in one array."""
PURCHASES = ("model", "r", "alpha", "a", "b", "x", "t_x", "T", "t", "rate",
             "log_likelihood", "alive", "purchases", "residual")  # fmt: skip
SPEND = ("model", "p", "q", "v", "x", "mean_spend", "log_likelihood", "expected_spend")

USUAL = {"r": (0.05, 5), "alpha": (0.1, 100), "a": (0.01, 10), "b": (0.03, 100)}
WIDE = {"r": (1e-3, 100), "alpha": (1e-3, 1e4), "a": (1e-4, 1e3), "b": (1e-4, 1e3)}
SEARCHED = dict.fromkeys(USUAL, (1e-6, 1e5)) | {"r": (1e-6, 1e3)}
SPEND_USUAL = {"p": (0.3, 30), "q": (0.5, 30), "v": (0.1, 1000)}
SPEND_WIDE = {"p": (1e-3, 1e3), "q": (1e-3, 1e3), "v": (1e-3, 1e5)}
SPEND_SEARCHED = dict.fromkeys(SPEND_USUAL, (1e-6, 1e5))

PATIENCE = 3.0
"""Seconds of processor time for a history, after which another is drawn."""

Row = dict[str, str | float | int]


class OutOfPatienceError(Exception):
    """Not mpmath's own, which mpmath would catch."""


def purchase_rows(model: str, number: int) -> list[Row]:
    """A drawn model with some histories and their exact values."""
    draw = Random(f"{SEED} {model} {number}")
    while True:
        drawn = draw_model(draw, model)
        try:
            return [history_row(draw, drawn) for _ in range(TOGETHER)]
        except NoConvergence:
            continue


def history_row(draw: Random, drawn: Row) -> Row:
    for _ in range(3):
        row = drawn | draw_history(draw, float(drawn["T"]), float(drawn["t"]))
        with suppress(OutOfPatienceError, NoConvergence, ValueError, ZeroDivisionError):
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
            values = exact_purchases(row)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            return row | values
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    raise NoConvergence


def draw_model(draw: Random, model: str) -> Row:
    """Parameters, a rate, and about how long T and t are."""
    ranges = draw.choices([USUAL, WIDE, SEARCHED], [60, 30, 10])[0]
    row: Row = {"model": model}
    row |= {name: rounded(log_uniform(draw, *ends)) for name, ends in ranges.items()}
    if model == "nbd":
        row |= {"a": "", "b": ""}
    elif draw.random() < 0.25:
        row["a"] = 1 + draw.choice([0, 0, 1, -1]) * 10.0 ** draw.randint(-9, -3)
    row |= {"T": draw.choice([1.0, 30.0, 400.0]), "t": log_uniform(draw, 0.03, 1000)}
    row["rate"] = rounded(log_uniform(draw, 1e-4, 10) / (float(row["alpha"]) + float(row["T"])))
    return row


def draw_history(draw: Random, usual_T: float, usual_t: float) -> Row:
    """Seldom and frequent buyers; last seen at any time, just after they came, just now."""
    x = draw.choice([0, 0, 1, 1, 2, 3, draw.randint(4, 30), draw.randint(31, 500)])
    T = rounded(log_uniform(draw, usual_T / 4, usual_T * 4))
    t_x = T * draw.choice([draw.random(), draw.random() ** 8, 1 - draw.random() ** 8])
    t = rounded(log_uniform(draw, usual_t / 3, usual_t * 3))
    return {"x": x, "t_x": min(rounded(t_x), T) if x else 0.0, "T": T, "t": t}


def exact_purchases(row: Row) -> dict[str, str]:
    """The exact values of a history, by the model's name and parameters."""
    names = PURCHASES[-4:]
    if row["model"] == "nbd":
        return settled(names, lambda: nbd(*numbers(row, "r", "alpha", "x", "T", "t")))
    first = 1 if row["model"] == "mbg_nbd" else 0
    return settled(names, lambda: beta_geometric(first, *numbers(row, *PURCHASES[1:10])))


def nbd(r, alpha, x, T, t):
    stays = mp.log(mp.rf(r, x)) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T)
    return stays, mp.mpf(1), (r + x) / (alpha + T) * t, None


def beta_geometric(first, r, alpha, a, b, x, t_x, T, t, rate):
    if a == 1:
        mp.mp.dps += 40
        a += mp.mpf(10) ** -40
    chances, shape = x + first, r + x
    common = (
        mp.log(mp.rf(r, x)) + r * mp.log(alpha) + mp.log(mp.rf(b, chances) / mp.rf(a + b, chances))
    )
    odds = a / (b + chances - 1) * ((alpha + T) / (alpha + t_x)) ** shape if chances else mp.mpf(0)
    kept = b + chances
    gauss = mp.hyp2f1(
        shape, kept, a + kept - 1, t / (alpha + T + t), maxterms=20_000, maxprec=3_000
    )
    stopped = ((alpha + T) / (alpha + T + t)) ** shape * gauss
    purchases = (a + kept - 1) / (a - 1) * (1 - stopped)
    likelihood = common - shape * mp.log(alpha + T) + mp.log1p(odds)
    return likelihood, 1 / (1 + odds), purchases, residual(shape, a, kept, rate * (alpha + T))


def residual(shape, a, kept, discount):
    """None for huge shapes, for which a Meijer G takes mpmath minutes."""
    if shape > 1_000:
        return None
    options = {"maxterms": 20_000, "maxprec": 3_000}
    meijer = mp.meijerg([[1], [a + kept]], [[1, shape + 1, a], []], discount, **options)
    return mp.gammaprod([a + kept], [shape, a]) / discount * meijer


def spend_rows(number: int) -> list[Row]:
    """A drawn model with some mean spends and their exact values."""
    draw = Random(f"{SEED} gamma_gamma {number}")
    ranges = draw.choices([SPEND_USUAL, SPEND_WIDE, SPEND_SEARCHED], [60, 30, 10])[0]
    drawn: Row = {"model": "gamma_gamma"}
    drawn |= {name: rounded(log_uniform(draw, *ends)) for name, ends in ranges.items()}
    usual = log_uniform(draw, 0.5, 500)
    rows = []
    for _ in range(TOGETHER):
        x = draw.choice([1, 1, 2, 3, draw.randint(4, 30), draw.randint(31, 500)])
        mean_spend = rounded(log_uniform(draw, usual / 10, usual * 10))
        row = drawn | {"x": x, "mean_spend": mean_spend}
        rows.append(row | exact_spend(row))
    return rows


def exact_spend(row: Row) -> dict[str, str]:
    return settled(SPEND[-2:], lambda: gamma_gamma(*numbers(row, *SPEND[1:6])))


def gamma_gamma(p, q, v, x, mean):
    shape = p * x + q
    value = mp.loggamma(shape) - mp.loggamma(p * x) - mp.loggamma(q) + q * mp.log(v)
    value += (p * x - 1) * mp.log(mean) + p * x * mp.log(x) - shape * mp.log(v + x * mean)
    return value, (p * (v + x * mean) / (shape - 1) if q > 1 else None)


def settled(names: tuple[str, ...], values: Callable[[], tuple]) -> dict[str, str]:
    """The values to 14 digits, as text; empty where there is none."""
    for fewer, more in ((50, 80), (80, 200)):
        with mp.workdps(fewer):
            first = values()
        with mp.workdps(more):
            second = values()
        if all(
            one is None or abs(one - two) <= abs(two) * mp.mpf(10) ** -20
            for one, two in zip(first, second, strict=True)
        ):
            texts = ("" if value is None else mp.nstr(mp.re(value), 14) for value in second)
            return dict(zip(names, texts, strict=True))
    raise NoConvergence


def numbers(row: Row, *names: str) -> list[mp.mpf]:
    """As mpmath numbers that equal the floats a reader of the file gets."""
    return [mp.mpf(float(row[name])) for name in names]


def log_uniform(draw: Random, low: float, high: float) -> float:
    return float(low * (high / low) ** draw.random())


def rounded(value: float) -> float:
    return float(f"{value:.5g}")


def write(path: Path, names: tuple[str, ...], rows: list[Row]) -> None:
    """Without a time stamp, so that the same rows make the same file."""
    text = io.StringIO()
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def give_up(*_: object) -> None:
    raise OutOfPatienceError


def be_impatient() -> None:
    signal.signal(signal.SIGVTALRM, give_up)


def main() -> None:
    wanted = [(model, n) for model in ("bg_nbd", "mbg_nbd", "nbd") for n in range(MODELS[model])]
    with Pool(2, be_impatient) as pool:
        purchases = pool.starmap(purchase_rows, wanted, chunksize=4)
        spends = pool.map(spend_rows, range(MODELS["gamma_gamma"]), chunksize=4)
    write(HERE / "purchases.csv.gz", PURCHASES, [row for rows in purchases for row in rows])
    write(HERE / "spend.csv.gz", SPEND, [row for rows in spends for row in rows])


if __name__ == "__main__":
    main()
