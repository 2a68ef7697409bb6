"""All tables, in the order in which they are published."""

from genval_assets.layout_rows import (
    ImageScore,
    LayoutImage,
    LayoutPair,
    LayoutScene,
    PoolPair,
    QuestionAnswer,
    StoredGraph,
    StoredLayout,
)
from genval_assets.negative_rows import HardNegative, NegativeList, NegativeRank, PositiveCaption
from genval_assets.rows import (
    AgentPrompt,
    Annotation,
    Answer,
    Background,
    Category,
    Export,
    Failure,
    GoldenJudgement,
    GoldenLabel,
    Instance,
    NotSelected,
    PaintedBackground,
    Prompt,
    PromptProbe,
    Quarantined,
    Reference,
    Row,
    Scene,
    TopUp,
    Usage,
    ValidationImage,
    Verdict,
)

ROWS: tuple[type[Row], ...] = (
    Category, Reference, Background, PaintedBackground, ValidationImage, AgentPrompt, Prompt, PromptProbe, Instance,
    Verdict, GoldenLabel, GoldenJudgement, NotSelected, PoolPair, StoredGraph, StoredLayout, LayoutPair, LayoutImage,
    ImageScore, LayoutScene, Scene, Annotation, QuestionAnswer, PositiveCaption,
    HardNegative, NegativeList, NegativeRank, Export, Usage, Answer, Quarantined, Failure, TopUp,
)  # fmt: skip
