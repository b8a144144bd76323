"""Pareto/NBD to fifty digits: seeded points, evaluated with mpmath by the formulas of the papers.

    python tests/metrics/clv/models/reference/make_pareto_reference.py

writes pareto_nbd.csv.gz beside this file, one point a row: parameters, history, horizon and
discount rate; then the log-likelihood, P(alive), the purchases expected within the horizon and
DERT. It takes some minutes. The chance of silence is Gauss's function, here in the form with an
argument below 1; nothing is shared with the engine, which integrates numerically.

Sources: Fader, Hardie (2005), "A note on deriving the Pareto/NBD model and related expressions";
Fader, Hardie, Lee (2005), "RFM and CLV: using iso-value curves for customer base analysis".
"""

import csv
import gzip
import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import mpmath as mp
import numpy as np

PATH = Path(__file__).with_name("pareto_nbd.csv.gz")
INPUTS = ("r", "alpha", "s", "beta", "x", "t_x", "T", "t", "rate")
OUTPUTS = ("log_likelihood", "alive", "purchases", "dert")
POINTS, DIGITS = 3_040, 50


def points(seed: int = 20260101) -> Iterator[tuple[float, ...]]:
    """Four kinds in turn: everyday, wide and extreme parameters, and special cases."""
    draw = np.random.default_rng(seed)
    for number in range(POINTS):
        kind = number % 4
        reach = (1.0, 2.5, 5.0, 1.5)[kind]
        r, alpha, s, beta = (short(10 ** draw.uniform(-reach, reach)) for _ in range(4))
        if kind == 2:
            r, s = (min(max(each, 1e-6), 1e5) for each in (r, s))
        if kind == 3:
            r, alpha, s, beta = special(number // 4, r, alpha, s, beta)
        x = int(draw.choice([0, 0, 0, 1, 1, 2, 3, 5, 10, 20, 50, 150, 500]))
        T = short(10 ** draw.uniform(-2, 3) if kind else draw.uniform(1, 200))
        silence = draw.choice([0.0, 0.001, draw.uniform(), draw.uniform(), 0.999])
        t_x = short(T * (1 - silence)) if x else 0.0
        t, rate = short(10 ** draw.uniform(-2, 3)), short(10 ** draw.uniform(-4, 0))
        yield r, alpha, s, beta, x, min(t_x, T), T, t, rate


def special(number: int, r: float, alpha: float, s: float, beta: float) -> tuple[float, ...]:
    """s = 1; alpha = beta, or nearly; both; alpha far below and far above beta."""
    near = short(alpha * 1.00001)
    return (
        (r, alpha, 1.0, beta),
        (r, alpha, s, alpha),
        (r, alpha, s, near),
        (r, alpha, 1.0, alpha),
        (r, 1e-6, s, beta),
        (r, 1e5, s, beta),
        (r, alpha, 1e-6, beta),
        (1e-6, alpha, s, beta),
    )[number % 8]


def short(value: float) -> float:
    """Six digits, so that the file stays small and says just what was evaluated."""
    return float(f"{value:.6g}")


def exact(point: tuple[float, ...]) -> tuple[mp.mpf, ...]:
    """The four answers at a point."""
    with mp.workdps(DIGITS):
        r, alpha, s, beta, x, t_x, T, t, rate = (mp.mpf(value) for value in point)
        m = r + x

        def chance_of_silence(since: mp.mpf) -> mp.mpf:
            ratio = (alpha + since) / (beta + since)
            if ratio < 1:
                return s / (m + s) * ratio * gauss(s + 1, m + s + 1, 1 - ratio)
            return s / (m + s) * gauss(m, m + s + 1, 1 - 1 / ratio)

        longer = ((alpha + T) / (alpha + t_x)) ** m * ((beta + T) / (beta + t_x)) ** s
        odds_left = longer * chance_of_silence(t_x) - chance_of_silence(T)
        log_alive = x * mp.log(1 / alpha) - m * mp.log1p(T / alpha) - s * mp.log1p(T / beta)
        log_rising = mp.fsum(mp.log(r + each) for each in range(int(x)))
        alive = 1 / (1 + odds_left)
        pace, age = m / (alpha + T), beta + T
        ahead = mp.log1p(t / age)
        life = ahead if s == 1 else -mp.expm1((1 - s) * ahead) / (s - 1)
        cost = rate * age
        residual = discounted_life(s, cost)
        return (
            log_rising + log_alive + mp.log1p(odds_left),
            alive,
            alive * pace * age * life,
            alive * pace * age * residual,
        )


def gauss(a: mp.mpf, c: mp.mpf, z: mp.mpf) -> mp.mpf:
    """2F1(a, 1; c; z) for z in [0, 1): its series, whose terms are positive, unless z is near 1."""
    if z > 0.97:
        return mp.hyp2f1(a, 1, c, z)
    total = term = mp.mpf(1)
    place = 0
    while term > total * mp.mpf(10) ** -DIGITS or (a + place) * z > c + place:
        term *= (a + place) / (c + place) * z
        total += term
        place += 1
    return total


def discounted_life(s: mp.mpf, cost: mp.mpf) -> mp.mpf:
    """exp(cost) times the exponential integral of order s, by Legendre's fraction where it is
    quick."""
    if cost < 0.3 and s < 50:
        return mp.exp(cost) * mp.expint(s, cost)
    terms, before, value = 100, mp.mpf(0), mp.mpf(1)
    while abs(value - before) > abs(value) * mp.mpf(10) ** (5 - DIGITS):
        terms, before, value = 2 * terms, value, cost + s + 4 * terms
        for n in range(terms, 0, -1):
            value = cost + s + 2 * (n - 1) - n * (s + n - 1) / value
        value = 1 / value
    return value


def main() -> None:
    with ProcessPoolExecutor() as pool:
        answers = pool.map(exact, points(), chunksize=20)
        rows = [
            [*(f"{each:.10g}" for each in point), *(mp.nstr(each, 16) for each in answer)]
            for point, answer in zip(points(), answers, strict=True)
        ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([INPUTS + OUTPUTS, *rows])
    PATH.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


if __name__ == "__main__":
    main()
