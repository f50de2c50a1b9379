from __future__ import annotations

import re

import pytest
from flask import Flask, render_template_string

from foundation.places.forms import CommuneField
from foundation.web.forms import Form, required

PICKER = (
    '{% import "places/picker.html" as places with context %}'
    '{{ places.picker(form.commune, hint="Gõ tên cũ cũng được.") }}'
)
MY_THO = "28261"


class PlaceForm(Form):
    commune = CommuneField("Xã, phường", validators=[required("Chọn xã, phường.")])


def submitted(app: Flask, *values: str) -> tuple[PlaceForm, str]:
    """Send the form without scripts; return it and the page that shows it again."""
    with app.test_request_context(method="POST", data={"commune": list(values)}):
        form = PlaceForm()
        form.validate()
        return form, render_template_string(PICKER, form=form)


@pytest.mark.parametrize(
    "typed", ["Phường Mỹ Tho, Đồng Tháp", "phường mỹ tho, tiền giang", "P. Mỹ Tho, Đồng Tháp"]
)
def test_a_name_without_doubt_is_taken(app: Flask, typed: str) -> None:
    form, page = submitted(app, typed)
    assert (form.commune.data, form.commune.typed) == (MY_THO, "Phường Mỹ Tho, Đồng Tháp")
    assert form.commune.errors == []
    assert 'value="Phường Mỹ Tho, Đồng Tháp"' in page
    assert 'type="radio"' not in page


def test_an_old_name_becomes_what_it_is_today(app: Flask) -> None:
    form, _ = submitted(app, "xã Trường Đông, TX Hòa Thành, Tây Ninh")
    assert form.commune.typed == "Phường Long Hoa, Tây Ninh"


def test_a_split_commune_is_asked_for_and_what_was_typed_stays(app: Flask) -> None:
    typed = "xã Suối Dây, huyện Tân Châu, Tây Ninh"
    form, page = submitted(app, typed)
    assert form.commune.data == ""
    assert form.commune.errors == [
        "Tên này nay có thể là những nơi dưới đây. Chọn đúng xã, phường của bạn."
    ]
    assert f'value="{typed}"' in page
    codes = re.findall(r'type="radio" name="commune" value="(\d+)"', page)
    assert len(codes) == 2
    assert "Một phần của Xã Suối Dây, Huyện Tân Châu, Tây Ninh cũ nay thuộc nơi này." in page
    again, page = submitted(app, typed, codes[1])
    assert (again.commune.data, again.commune.errors) == (codes[1], [])
    assert 'type="radio"' not in page


def test_a_choice_left_over_from_another_text_is_not_taken(app: Flask) -> None:
    form, _ = submitted(app, "xã Suối Dây, huyện Tân Châu, Tây Ninh", MY_THO)
    assert form.commune.data == ""
    form, _ = submitted(app, "Phường Long Hoa, Tây Ninh", MY_THO)
    assert form.commune.typed == "Phường Long Hoa, Tây Ninh"


@pytest.mark.parametrize(
    ("typed", "words", "offered"),
    [
        ("huyện Gò Dầu", "Huyện Gò Dầu nay chia thành những xã, phường dưới đây.", True),
        ("Tây Ninh", "Mới có tên tỉnh.", False),
        ("xã Trường Đông, Hà Nội", "Không có xã, phường tên đúng như vậy.", True),
        ("<script>alert(1)</script>", "Không tìm thấy xã, phường này.", False),
    ],
)
def test_a_text_that_names_no_commune(app: Flask, typed: str, words: str, offered: bool) -> None:
    form, page = submitted(app, typed)
    assert form.commune.data == ""
    assert len(form.commune.errors) == 1
    assert form.commune.errors[0].startswith(words)
    assert ('type="radio"' in page) is offered
    assert "<script>alert" not in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="commune-hint commune-error"' in page


def test_an_empty_field_is_refused_only_where_it_is_needed(app: Flask) -> None:
    form, _ = submitted(app, "")
    assert (form.commune.data, form.commune.errors) == ("", ["Chọn xã, phường."])


def test_a_stored_code_is_shown_by_its_name(app: Flask) -> None:
    with app.test_request_context():
        form = PlaceForm(data={"commune": MY_THO})
        assert form.commune._value() == "Phường Mỹ Tho, Đồng Tháp"
        assert PlaceForm(data={"commune": "x"}).commune._value() == ""
        assert PlaceForm(data={"commune": None}).commune._value() == ""
