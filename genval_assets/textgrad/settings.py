"""`[textgrad]`: how long the agents' system prompts are refined, and which versions of them are used."""

from pydantic import Field, model_validator

from genval_assets.types import Settings

_VERSION = r"^([0-9a-f]{12})?$"


class TextGradSettings(Settings):
    """Refinement of the system prompts of the prompt agent and the validation agent (Gen-n-Val, textgrad)."""

    steps: int = Field(default=12, ge=1, le=100, description="Most rewrites tried in one refinement, 1 to 100.")
    patience: int = Field(
        default=3, ge=1, le=100, description="A refinement ends after this many refused rewrites in a row, 1 to 100."
    )
    minibatch: int = Field(default=3, ge=1, le=10, description="Items that the critic is shown at each step, 1 to 10.")
    pairs: int = Field(
        default=200,
        ge=20,
        le=10_000,
        description="Items on which a rewrite is compared with its parent, on the same seeds. Under 200 real gains "
        "are missed; under 20 the interval means nothing.",
    )
    questions: int = Field(
        default=12_000,
        ge=1,
        le=10**9,
        description="Most questions that one refinement asks of models. No step is begun that could exceed it.",
    )
    prompt_agent: str = Field(
        default="",
        pattern=_VERSION,
        description="Version of the prompt agent's system prompt to use, as agent_prompts.version has it. Empty: the "
        "last accepted one.",
    )
    judge: str = Field(
        default="",
        pattern=_VERSION,
        description="Version of the validation agent's system prompt to use. Empty: the last accepted one.",
    )
    prompt_agent_file: str = Field(
        default="",
        description="Text file with your own system prompt for the prompt agent, in place of the shipped one; "
        "relative to the folder of this file. It must keep the form of the answer.",
    )
    judge_file: str = Field(
        default="", description="Text file with your own system prompt for the validation agent, likewise."
    )

    @model_validator(mode="after")
    def _one_choice(self) -> "TextGradSettings":
        for pin, file in (("prompt_agent", "prompt_agent_file"), ("judge", "judge_file")):
            if getattr(self, pin) and getattr(self, file):
                raise ValueError(f"{pin} and {file} are both set; a version is pinned or a text is given, remove one")
        return self
