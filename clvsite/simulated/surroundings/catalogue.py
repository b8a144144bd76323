"""What the company sells, what people are called and what they write: invented throughout."""

import numpy as np

CATEGORIES = (
    "Work lamps",
    "Shelving",
    "Hand tools",
    "Workwear",
    "Packing",
    "Cleaning",
    "Storage boxes",
    "Measuring",
)
SIZES = ("small", "medium", "large", "set of 2", "set of 6")
GRADES = ("basic", "professional")
UNIT_PRICES = (58.0, 96.0, 32.0, 64.0, 18.0, 22.0, 28.0, 46.0)
SIZE_FACTORS = (0.7, 1.0, 1.5, 1.8, 4.5)
MARGINS = {"basic": 0.28, "professional": 0.46}

PRODUCTS = tuple(
    f"{category}, {size}, {grade}" for category in CATEGORIES for size in SIZES for grade in GRADES
)
PRICES = np.round(
    [
        price * factor * (1.0 if grade == "basic" else 1.35)
        for price in UNIT_PRICES
        for factor in SIZE_FACTORS
        for grade in GRADES
    ],
    2,
)
PRODUCT_MARGINS = np.round(
    [
        MARGINS[grade] + 0.01 * (place % 7) - 0.03
        for place, _ in enumerate(CATEGORIES)
        for _ in SIZES
        for grade in GRADES
    ],
    4,
)
IN_CATEGORY = len(SIZES) * len(GRADES)
SIZE_WEIGHTS = (0.30, 0.32, 0.18, 0.14, 0.06)

COUNTRIES = ("Denmark", "Germany", "Netherlands", "Sweden")
COUNTRY_WEIGHTS = (0.25, 0.40, 0.20, 0.15)
GIVEN_NAMES = (
    "Aino", "Bram", "Cleo", "Dario", "Edda", "Falk", "Greta", "Hugo", "Ilse", "Jarl", "Kaja",
    "Lars", "Mona", "Nils", "Orla", "Piet", "Runa", "Sven", "Thea", "Ulf", "Vera", "Wim", "Yrsa",
    "Zeno",
)  # fmt: skip
FAMILY_NAMES = (
    "Aalders", "Bakke", "Dahlgaard", "Ekholm", "Fenstra", "Grootveld", "Hagedal", "Iversand",
    "Jessel", "Kruisland", "Lindmark", "Moorhof", "Nordahl", "Oosterling", "Petrell", "Quist",
    "Rademark", "Sandvold", "Tervoort", "Ulvang", "Vestby", "Westerholt",
)  # fmt: skip
TRADES = ("Joinery", "Garage", "Studio", "Print Shop", "Bakery", "Nursery", "Workshop", "Cycles")

TOPICS = ("delivery", "product", "billing", "question")
TEXTS = {
    "late": (
        "The parcel came days after the promise.",
        "Late again, and nobody told me.",
        "We stood there without our order.",
    ),
    "defective": (
        "One of the pieces was broken.",
        "It stopped working after two days.",
        "Poor quality this time.",
    ),
    "corrected": (
        "The invoice was wrong.",
        "We were charged twice for one line.",
        "Accounts had to send the bill back.",
    ),
    "waited": ("It took ages until somebody solved it.", "Three calls for one small matter."),
    "pleased": (
        "Everything as promised.",
        "Friendly people who know what they sell.",
        "Quick, complete and well packed.",
        "I would order here again.",
    ),
    "neutral": ("All right.", "Nothing special, it does its job.", "Fine so far."),
}
