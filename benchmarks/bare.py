"""The bare page: Flask, SQLAlchemy and a short template over the same rows, nothing else.

What the platform's own pages are measured against: no layout, no languages, no sign-in, no
facets, no badges, no links beyond the data itself.
"""

from __future__ import annotations

import os

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalog.products.models import Product, ProductPhoto
from foundation import config
from marketplace import wiring

assert wiring.TABLES

PRODUCT = """<!DOCTYPE html><html lang="vi"><head><title>{{ product.name }}</title></head><body>
<h1>{{ product.name }}</h1><p>{{ product.summary }}</p><p>{{ product.organisation.name }},
{{ product.commune.name }}, {{ product.category.name }}</p>
{% for photo in product.photos %}<img src="/media/{{ photo.file.public_id }}-640.webp"
alt="{{ photo.alt }}">{% endfor %}
<ul>{% for size in product.variants %}<li>{{ size.name }}: {{ "{:,}".format(size.price) }} đ,
{{ size.stock }}</li>{% endfor %}</ul>
<p>{{ product.description }}</p><dl><dt>Thành phần</dt><dd>{{ product.ingredients }}</dd>
<dt>Bảo quản</dt><dd>{{ product.storage }}</dd></dl></body></html>"""

LISTING = """<!DOCTYPE html><html lang="vi"><head><title>Đặc sản</title></head><body><ul>
{% for product in products %}<li>{% for photo in product.photos[:1] %}
<img src="/media/{{ photo.file.public_id }}-320.webp" alt="{{ photo.alt }}">{% endfor %}
<a href="/products/{{ product.slug }}">{{ product.name }}</a>
<p>{{ product.commune.name }}, {{ product.organisation.name }}</p>
<p>{{ "{:,}".format(product.variants[0].price) }} đ</p></li>{% endfor %}</ul></body></html>"""

app = Flask(__name__)
app.jinja_loader = DictLoader({"product.html": PRODUCT, "listing.html": LISTING})
engine = create_engine(config.read(os.environ).database_url, pool_size=8)
ROWS = (
    joinedload(Product.organisation),
    joinedload(Product.commune),
    joinedload(Product.category),
    selectinload(Product.variants),
    selectinload(Product.photos).joinedload(ProductPhoto.file),
)


@app.get("/products/<slug>")
def product(slug: str) -> str:
    with Session(engine) as session:
        found = (
            session.scalars(select(Product).where(Product.slug == slug).options(*ROWS))
            .unique()
            .one()
        )
        return render_template("product.html", product=found)


@app.get("/products")
def listing() -> str:
    with Session(engine) as session:
        found = (
            session.scalars(
                select(Product)
                .where(Product.state == "published")
                .options(*ROWS)
                .order_by(Product.published_at.desc(), Product.id.desc())
                .limit(24)
            )
            .unique()
            .all()
        )
        return render_template("listing.html", products=found)
