"""What MedCom's VANSEnvelope says of the message in it."""

import msgspec


class VansEnvelope(msgspec.Struct, frozen=True):
    """The envelope of a message in a VANS network; what it does not state is empty.

    sender, receiver  who sends it to whom, with the kinds of the identifiers
    identifier        the envelope's own number, a UUID
    sent              when it was sent, as written
    message           the number of the message in it
    format, name, version, size_in_bytes  what it says of the document in it
    transport         what it says of the way it goes
    receipt           the kind of receipt that it holds instead of a message
    """

    namespace: str
    sender: str = ""
    sender_type: str = ""
    receiver: str = ""
    receiver_type: str = ""
    identifier: str = ""
    sent: str = ""
    message: str = ""
    format: str = ""
    name: str = ""
    version: str = ""
    size_in_bytes: str = ""
    transport: str = ""
    receipt: str = ""
