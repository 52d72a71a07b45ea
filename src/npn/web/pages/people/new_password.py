"""A new password, typed twice: all that is wrong with it is said at once."""

from npn.errors import InvalidInputError
from npn.people import passwords
from npn.web.forms import Field, Form
from npn.web.texts import _
from npn.web.visit import Visit

PASSWORD_HINT = _("12 characters or more. Several words that don't belong together are easy to remember.")
NEW_PASSWORD = (
    Field("password", _("New password"), kind="password", hint=PASSWORD_HINT, autocomplete="new-password"),
    Field("repeated", _("Repeat the password"), kind="password", autocomplete="new-password"),
)
NOT_THE_SAME = _("The two passwords are not the same.")


def check_new_password(visit: Visit, form: Form, *, email: str, name: str) -> None:
    """Put beside the two fields what is wrong with either: too weak for this person, and not the same twice."""
    if "password" not in form.errors:
        try:
            passwords.checked(form["password"], email=email, name=name)
        except InvalidInputError as error:
            visit.blame(form, error)
    if "repeated" not in form.errors and form["password"] != form["repeated"]:
        form.errors["repeated"] = NOT_THE_SAME
