"""Every kind of file that is recognised, as data. Source: domain.md §3.1–3.7."""

from miaohui.importing.model.catalogue.douyin import DOUYIN
from miaohui.importing.model.catalogue.general import GENERAL
from miaohui.importing.model.catalogue.pinduoduo import PINDUODUO
from miaohui.importing.model.catalogue.tmall import TMALL
from miaohui.importing.model.kinds import Kind

KINDS: tuple[Kind, ...] = (*DOUYIN, *TMALL, *PINDUODUO, *GENERAL)
KIND_OF: dict[str, Kind] = {kind.code: kind for kind in KINDS}
