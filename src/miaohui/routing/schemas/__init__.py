"""Bodies of routing's routes, by capability."""

from miaohui.routing.schemas.chats import (
    BoostIn,
    CandidateOut,
    DecisionOut,
    ItemResultOut,
    QueuePage,
    ReassignmentIn,
    ReassignmentOut,
    RoutingOut,
    ScoreOut,
    TakeoverIn,
    TransferIn,
    WaitingOut,
)
from miaohui.routing.schemas.fields import RowId
from miaohui.routing.schemas.room import (
    EstimateOut,
    PresenceIn,
    QueueCountOut,
    RoomOut,
    SeatOut,
    SpanOut,
    StandingOut,
    StateLogOut,
)
from miaohui.routing.schemas.rules import (
    RulesBody,
    RulesIn,
    RulesOut,
    RulesVersionOut,
)

__all__ = [
    "BoostIn",
    "CandidateOut",
    "DecisionOut",
    "EstimateOut",
    "ItemResultOut",
    "PresenceIn",
    "QueueCountOut",
    "QueuePage",
    "ReassignmentIn",
    "ReassignmentOut",
    "RoomOut",
    "RoutingOut",
    "RowId",
    "RulesBody",
    "RulesIn",
    "RulesOut",
    "RulesVersionOut",
    "ScoreOut",
    "SeatOut",
    "SpanOut",
    "StandingOut",
    "StateLogOut",
    "TakeoverIn",
    "TransferIn",
    "WaitingOut",
]
