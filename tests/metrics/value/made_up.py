"""A valuation written by hand: every row that its pages read, so that they need no engine."""

from datetime import date, timedelta

from metrics.models import (
    CohortMonth,
    Contender,
    GainPoint,
    HoldoutFrequency,
    HoldoutTest,
    SegmentTotal,
    SpreadClass,
    TrackingPoint,
    Valuation,
    ValuationParameter,
)

AS_OF = date(2022, 12, 31)
CALIBRATED = date(2022, 7, 2)
NO_DROP_OUT = (
    "No drop-out can be seen in these purchases: nobody who bought more than once has been silent "
    "long enough to tell."
)
CONTEST = {
    "pareto_nbd": (1_704.2, 0.741, 1.212, 0.8911, 0.688, -9_595.0),
    "mbg_nbd": (1_661.9, 0.752, 1.219, 0.9034, 0.683, -9_582.1),
    "bg_nbd": (1_653.4, 0.756, 1.224, 0.9102, 0.684, -9_582.4),
    "nbd": (2_811.7, 1.043, 1.604, 1.2250, 0.617, -9_763.7),
    "naive": (2_312.5, 0.968, 1.702, 1.4010, None, None),
}
PARAMETERS = [
    ("pareto_nbd", "r", 0.563, 0.021),
    ("pareto_nbd", "alpha", 12.559, 0.61),
    ("pareto_nbd", "s", 0.408, 0.09),
    ("pareto_nbd", "beta", 10.51, 3.9),
    ("gamma_gamma", "p", 6.25, 1.19),
    ("gamma_gamma", "q", 3.744, 0.29),
    ("gamma_gamma", "v", 15.444, 4.0),
]
SPREAD = [
    (-20, 0, 81, -1_400),
    (0, 50, 930, 21_000),
    (50, 200, 611, 74_000),
    (200, 400, 402, 131_000),
    (400, 800, 233, 180_000),
    (800, None, 100, 232_700),
]
SEGMENTS = {
    "size": [
        ("Very large", "steady", 9, 57_700.0),
        ("Very large", "mixed", 14, 38_100.0),
        ("Large", "steady", 118, 196_000.0),
        ("Large", "mixed", 141, 120_300.0),
        ("Large", "irregular", 62, 22_900.0),
        ("Medium", "steady", 96, 40_600.0),
        ("Medium", "mixed", 402, 81_000.0),
        ("Medium", "irregular", 311, 31_700.0),
        ("Medium", "too new", 205, 44_100.0),
        ("Small", "mixed", 188, 6_900.0),
        ("Small", "irregular", 633, 11_700.0),
        ("Small", "too new", 97, 9_200.0),
        ("No purchase in the year", "irregular", 81, -1_400.0),
    ],
    "channel": [
        ("shop", "", 1_204, 331_000.0),
        ("web", "", 871, 241_800.0),
        ("fair", "", 275, 64_900.0),
        ("partner", "", 7, -400.0),
    ],
    "country": [
        ("United Kingdom", "", 2_101, 561_000.0),
        ("Germany", "", 153, 58_200.0),
        ("France", "", 103, 18_100.0),
    ],
}


def finished(**terms) -> Valuation:
    """A valuation in force of 2,357 customers, with everything but a second opinion."""
    conditions = {
        "status": Valuation.Status.DONE, "in_force": True, "as_of": AS_OF,
        "calibrated_until": CALIBRATED, "holdout_until": AS_OF, "months": 12,
        "yearly_rate": "0.1", "margin": "0.3", "currency": "GBP", "changes": 1,
        "outcome": "good", "model": "pareto_nbd", "log_likelihood": -17_135.8,
        "spend_log_likelihood": -4_055.9, "customers": 2_357, "repeat_purchases": 4_339,
        "days_read": 6_696, "clv_total": "637300.00", "clv_low": "541200.00",
        "clv_high": "750400.00", "usual_spend": 35.1, "parameter_spread": 0.028,
        "chance_spread": 0.021, "coverage": 0.934, "holdout_actual": 1_882,
        "holdout_forecast": 1_704.2, "holdout_mae": 0.741, "naive_forecast": 2_312.5,
        "naive_mae": 0.968, "top_tenth_share": 0.471, "misjudged_share": 0.284,
    }  # fmt: skip
    valuation = Valuation.objects.create(**conditions | terms)
    _judge(valuation)
    _describe(valuation)
    _divide(valuation)
    return valuation


def _judge(valuation):
    Contender.objects.bulk_create(
        Contender(
            valuation=valuation, model=model, is_chosen=model == valuation.model,
            barred=NO_DROP_OUT if model == "bg_nbd" else "", forecast=forecast, mae=mae, rmse=rmse,
            deviance=deviance, gini=gini, log_likelihood=likelihood,
        )
        for model, (forecast, mae, rmse, deviance, gini, likelihood) in CONTEST.items()
    )  # fmt: skip
    factors = {"bg_nbd": 0.88, "mbg_nbd": 0.885, "nbd": 1.5, "pareto_nbd": 0.9}
    HoldoutFrequency.objects.bulk_create(
        HoldoutFrequency(
            valuation=valuation, model=model, frequency=frequency,
            customers=1_411 // (frequency + 1) ** 2 + 9, actual=0.24 + 0.55 * frequency,
            forecast=(0.24 + 0.55 * frequency) * factor,
        )
        for model, factor in factors.items()
        for frequency in range(8)
    )  # fmt: skip
    GainPoint.objects.bulk_create(
        GainPoint(
            valuation=valuation, model=model, customers_share=step / 20,
            purchases_share=1 - (1 - step / 20) ** steep,
        )
        for model, steep in {"pareto_nbd": 4.2, "mbg_nbd": 4.1, "nbd": 3.4}.items()
        for step in range(1, 21)
    )  # fmt: skip
    windows = ((26, 1_882, 1_704.2), (39, 1_420, 1_466.8), (52, 1_105, 1_018.3))
    HoldoutTest.objects.bulk_create(
        HoldoutTest(
            valuation=valuation, as_of=AS_OF - timedelta(weeks=weeks),
            last_day=AS_OF - timedelta(weeks=weeks - 26), actual=actual, forecast=forecast,
        )
        for weeks, actual, forecast in windows
    )  # fmt: skip


def _describe(valuation):
    ValuationParameter.objects.bulk_create(
        ValuationParameter(
            valuation=valuation, model=model, name=name, value=value, standard_error=error
        )
        for model, name, value, error in PARAMETERS
    )
    days = [(week, AS_OF - timedelta(weeks=52 - week)) for week in range(1, 53)]
    TrackingPoint.objects.bulk_create(
        TrackingPoint(
            valuation=valuation, day=day, actual=83 * week - 0.3 * week**2 + (week % 5) * 9,
            expected=80 * week - 0.29 * week**2, is_held_out=day > CALIBRATED,
        )
        for week, day in days
    )  # fmt: skip
    SpreadClass.objects.bulk_create(
        SpreadClass(valuation=valuation, low=low, high=high, customers=customers, clv=clv)
        for low, high, customers, clv in SPREAD
    )


def _divide(valuation):
    cohorts = [
        (date(2021 + (6 + number) // 12, (6 + number) % 12 + 1, 1), 210 - 9 * number)
        for number in range(18)
    ]
    SegmentTotal.objects.bulk_create(
        SegmentTotal(
            valuation=valuation, dimension=dimension, rank=rank, name=name, steadiness=steadiness,
            customers=customers, below_zero=customers // 40, spent=clv * 1.7, clv=clv,
            clv_low=min(clv * 0.82, clv * 1.2), clv_high=max(clv * 0.82, clv * 1.2),
            acquisition_cost=41.5 if name in {"shop", "web", "fair"} else None,
            payback_month={"shop": 4, "web": 7}.get(name),
        )
        for dimension, groups in SEGMENTS.items()
        for rank, (name, steadiness, customers, clv) in enumerate(groups, start=1)
    )  # fmt: skip
    SegmentTotal.objects.bulk_create(
        SegmentTotal(
            valuation=valuation, dimension="cohort", rank=rank, name=f"{month:%b %Y}",
            customers=size, below_zero=rank % 3, spent=size * 90, clv=size * (180 + 12 * rank),
            clv_low=size * 150, clv_high=size * (240 + 12 * rank),
        )
        for rank, (month, size) in enumerate(cohorts, start=1)
    )  # fmt: skip
    CohortMonth.objects.bulk_create(
        CohortMonth(
            valuation=valuation, cohort=month, months_since=since,
            customers=size if not since else int(size * (0.34 + 0.005 * number) / since**0.4),
        )
        for number, (month, size) in enumerate(cohorts)
        for since in range(18 - number)
    )  # fmt: skip
