"""What the store sells: a few thousand teas, made by a rule, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from examples.store.contract import Tea

__all__ = ["KINDS", "assortment"]

KINDS = ("Black", "Green", "Oolong", "White", "Herbal")

# Of each region: what it makes, where its gardens lie, and what its teas taste of.
_REGIONS = {
    "Assam, India": ("Black Green", "Dikom Halmari Mangalam Behora Koomsong", "malt honey cocoa"),
    "Darjeeling, India": (
        "Black Green White Oolong",
        "Jungpana Castleton Margarets-Hope Singbulli Arya Rohini",
        "muscatel apricot flowers",
    ),
    "Nilgiri, India": ("Black Oolong White", "Havukal Korakundah Glendale", "citrus flowers spice"),
    "Fujian, China": (
        "Black White Oolong Green",
        "Tanyang Fuding Anxi Wuyi Zhenghe",
        "stone-fruit cocoa orchid",
    ),
    "Yunnan, China": ("Black Green White", "Fengqing Lincang Menghai Jinggu", "honey malt pepper"),
    "Zhejiang, China": ("Green Black", "Longjing Anji Kaihua", "chestnut sweet-pea butter"),
    "Anhui, China": ("Black Green", "Qimen Huangshan Taiping", "orchid cocoa plum"),
    "Uji, Japan": ("Green Black", "Wazuka Ujitawara Minamiyamashiro", "seaweed butter melon"),
    "Shizuoka, Japan": ("Green Black Oolong", "Kawane Tenryu Honyama", "grass chestnut citrus"),
    "Kagoshima, Japan": ("Green", "Kirishima Chiran Ei", "butter sweet-pea seaweed"),
    "Nantou, Taiwan": (
        "Oolong Black Green",
        "Dong-Ding Shanlinxi Sun-Moon-Lake",
        "orchid cream stone-fruit",
    ),
    "Alishan, Taiwan": ("Oolong Black", "Zhulu Shizhuo Ruili", "cream flowers pear"),
    "Dimbula, Ceylon": ("Black Green White", "Kenilworth Somerset Mattakelle", "citrus mint malt"),
    "Uva, Ceylon": ("Black Green", "Aislaby Dambatenne Uva-Highlands", "mint spice plum"),
    "Kericho, Kenya": ("Black Green White", "Kangaita Tinderet Emrok", "berries malt citrus"),
    "Cederberg, South Africa": ("Herbal", "Clanwilliam Wupperthal Biedouw", "vanilla honey wood"),
    "Provence, France": ("Herbal", "Valensole Sault Banon", "lavender thyme lemon"),
    "Aegean, Turkey": ("Herbal", "Ayvalik Datca Kozak", "sage linden rose"),
}

_STYLES = {
    "Black": "First-Flush Second-Flush Autumnal Golden-Tips Smoked Earl-Grey Breakfast",
    "Green": "First-Harvest Steamed Roasted Shaded Jasmine Powdered Spring",
    "Oolong": "Light Roasted Aged Milk Honey Amber",
    "White": "Silver-Needle Peony Moonlight Aged",
    "Herbal": "Pure Citrus Spiced Evening Garden",
}

_GRADES = (("Leaf", 1.0), ("Broken Leaf", 0.8), ("Reserve", 1.9), ("Organic", 1.3), ("Rare", 2.6))


def assortment() -> Iterator[tuple[Tea, int]]:
    """Make each tea, with how many bags of it are on the shelf."""
    chance = Random("Steep & Co.")
    for origin, (kinds, gardens, tastes) in _REGIONS.items():
        for kind, garden in product(kinds.split(), gardens.split()):
            for style, (grade, factor) in product(_STYLES[kind].split(), _GRADES):
                if chance.random() < 0.85:
                    notes = chance.sample(tastes.split(), 2)
                    price = round(chance.uniform(4, 11) * factor) * 100 - 10
                    tea = _tea(origin, kind, garden, style, grade, notes, price)
                    yield tea, 1 if grade == "Rare" else chance.randint(3, 60)


def _tea(
    origin: str, kind: str, garden: str, style: str, grade: str, notes: list[str], price: int
) -> Tea:
    name = f"{garden} {style} {grade}"
    sku = f"{kind} {name}".lower().replace(" ", "-")
    about = f"{kind} tea from {origin}: {' and '.join(notes)}"
    return Tea(sku, _spaced(name), kind, origin, _spaced(about), price)


def _spaced(text: str) -> str:
    return text.replace("-", " ")
