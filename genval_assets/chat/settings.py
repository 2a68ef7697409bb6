"""`[chat]`: which language model reads, writes and looks, and how it is reached."""

from typing import Literal

from pydantic import Field, model_validator

from genval_assets.types import Settings


class ServedSettings(Settings):
    """A model behind an OpenAI-compatible endpoint (vLLM, Ollama, llama.cpp, SGLang, or a provider)."""

    url: str = Field(
        default="", pattern=r"^(https?://\S+)?$", description="Base address, such as http://127.0.0.1:8000/v1."
    )
    model: str = Field(default="", description="Name of the model at the endpoint; it must see images.")
    revision: str = Field(default="", description="Your own mark for its version; it is stored with every row.")
    key_env: str = Field(
        default="",
        pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$",
        description="Environment variable that holds the key (the key itself never stands here). Empty: no key.",
    )
    deadline_seconds: float = Field(
        default=120.0,
        gt=0,
        le=3600,
        description="For one answer with all its tries, up to 3600; waits between tries are not counted.",
    )
    attempts: int = Field(default=4, ge=1, le=10, description="Tries for one answer when the endpoint fails, 1 to 10.")
    concurrency: int = Field(
        default=8,
        ge=1,
        le=256,
        description="Questions on their way at once, 1 to 256; halved when the endpoint says 429.",
    )


class LocalSettings(Settings):
    """A model in this process (needs the extra `models`)."""

    weights: str = Field(
        default="",
        description="Hub id (owner/name) of weights that were fetched with `hf download`, or a folder: a transformers "
        "checkpoint (safetensors) that sees images.",
    )
    revision: str = Field(
        default="",
        pattern=r"^[\w./-]*$",
        description="Of a hub id: commit, tag or branch; empty is main, and the commit that was fetched is stored with "
        "every row. Of a folder: your own mark.",
    )
    device: str = Field(default="cuda", description="Any torch device.")
    dtype: Literal["bfloat16", "float16", "float32"] = Field(
        default="bfloat16", description="Number format of the weights."
    )
    batch: int = Field(default=8, ge=1, le=256, description="Questions answered at once, 1 to 256.")


class ChatSettings(Settings):
    """The model that writes prompts, judges pictures and improves both."""

    use: Literal["profile", "served", "local"] = Field(
        default="profile", description="profile: the profile's own (offline: rules, simulated) | served | local."
    )
    max_tokens: int = Field(default=1024, ge=64, le=32_768, description="Longest answer, in tokens, 64 to 32,768.")
    served: ServedSettings = Field(default_factory=ServedSettings)
    local: LocalSettings = Field(default_factory=LocalSettings)

    @property
    def identity(self) -> str:
        """Which model answers, in one line: not how fast or how patiently it is asked."""
        named = {
            "served": f"{self.served.url} {self.served.model} {self.served.revision}",
            "local": f"{self.local.weights} {self.local.revision} {self.local.dtype}",
        }
        return f"{self.use} {named.get(self.use, '')} {self.max_tokens}"

    @model_validator(mode="after")
    def _complete(self) -> "ChatSettings":
        if self.use == "served" and not (self.served.url and self.served.model):
            raise ValueError("use = 'served' needs url and model in [chat.served]")
        if self.use == "local" and not self.local.weights:
            raise ValueError("use = 'local' needs weights in [chat.local]")
        return self
