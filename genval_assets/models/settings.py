"""`[models]`: which weights the GPU profiles load, and how they draw.

Defaults name the published weights of each role; `docs/models.md` lists licences, memory and alternatives.
"""

from typing import Literal

from pydantic import Field

from genval_assets.types import Settings

WHERE = "Hub id (owner/name) of weights that were fetched with `hf download`, or a folder."
WHICH = (
    "Of a hub id: commit, tag or branch; empty is main, and the commit that was fetched is stored with every row. "
    "Of a folder: your own mark."
)


class WeightsSettings(Settings):
    """Weights of one model."""

    weights: str = Field(min_length=1, description=WHERE)
    revision: str = Field(default="", pattern=r"^[\w./-]*$", description=WHICH)


class SdxlSettings(WeightsSettings):
    """Stable Diffusion XL: draws foregrounds, backgrounds and variations."""

    weights: str = Field(default="stabilityai/stable-diffusion-xl-base-1.0", min_length=1, description=WHERE)
    variant: Literal["", "fp16"] = Field(
        default="fp16", description="fp16: files named *.fp16.safetensors, half as large; empty: the others."
    )


class VaeSettings(WeightsSettings):
    """The decoder of SDXL's latents; the one published with SDXL overflows in half precision."""

    weights: str = Field(default="madebyollin/sdxl-vae-fp16-fix", min_length=1, description=WHERE)


class LayerDiffuseSettings(WeightsSettings):
    """Layer Diffusion: attention offsets and the decoder of transparency, two files."""

    weights: str = Field(default="lllyasviel/LayerDiffuse_Diffusers", min_length=1, description=WHERE)
    offsets: str = Field(
        default="ld_diffusers_sdxl_attn.safetensors", min_length=1, description="File of the attention offsets."
    )
    decoder: str = Field(
        default="ld_diffusers_sdxl_vae_transparent_decoder.safetensors",
        min_length=1,
        description="File of the decoder.",
    )


class DrawingSettings(Settings):
    """How foregrounds, backgrounds and variations are drawn."""

    side: int = Field(
        default=1024, ge=64, le=2048, multiple_of=64, description="Side of the square frame, px, a multiple of 64."
    )
    steps: int = Field(default=20, ge=1, le=150, description="Denoising steps, 1 to 150.")
    guidance: float = Field(default=5.0, ge=1, le=20, description="Classifier-free guidance, 1 (none) to 20.")
    batch: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Pictures drawn at once, 1 to 64; halved when memory ends. Not set: 8 in gpu-24gb, 16 in gpu.",
    )
    compile: bool = Field(
        default=False, description="Compile the network's repeated blocks: minutes at the start, faster afterwards."
    )


class VariationSettings(Settings):
    """New instances conditioned on real ones (InstaDA's I-Agent, reconstructed; all numbers are our choice)."""

    per_source: int = Field(
        default=3, ge=1, le=3, description="Variations per source object, 1 to 3: no more than three count."
    )
    strength: float = Field(
        default=0.55, ge=0.1, le=0.95, description="Share of the denoising that is done anew, .1 to .95 (.4 to .7)."
    )
    reference_scale: float = Field(
        default=0.6, ge=0, le=1, description="Weight of the reference picture against the words, 0 to 1."
    )
    context_px: int = Field(
        default=40, ge=0, le=512, description="Surroundings that are kept around the object, px of the photograph."
    )
    min_iou: float = Field(
        default=0.6, ge=0, le=1, description="Least overlap (IoU) of the new mask with the source's, 0 to 1."
    )
    min_phash_distance: int = Field(
        default=7, ge=0, le=64, description="Fewer differing bits of the perceptual hash are a copy, 0 to 64."
    )
    max_similarity: float = Field(
        default=0.97, ge=0, le=1, description="From this cosine of the embeddings on it is a copy, 0 to 1."
    )


class IpAdapterSettings(WeightsSettings):
    """IP-Adapter: the reference picture as a condition of SDXL."""

    weights: str = Field(default="h94/IP-Adapter", min_length=1, description=WHERE)
    subfolder: str = Field(default="sdxl_models", description="Folder of the adapter within the weights.")
    file: str = Field(
        default="ip-adapter_sdxl_vit-h.safetensors", min_length=1, description="The adapter; safetensors only."
    )
    image_encoder: str = Field(
        default="models/image_encoder", description="Folder of the CLIP image encoder within the weights."
    )


class GligenSettings(WeightsSettings):
    """GLIGEN: pictures of layouts. Its published weights are pickled, and read as tensors only."""

    weights: str = Field(default="masterful/gligen-1-4-generation-text-box", min_length=1, description=WHERE)
    pickled: bool = Field(
        default=True,
        description="Read .bin files, with torch's weights_only: the one exception from safetensors. false once your "
        "copy is converted.",
    )
    steps: int = Field(default=30, ge=1, le=150, description="Denoising steps, 1 to 150.")


class SegmenterSettings(WeightsSettings):
    """SAM 2.1: masks of boxes."""

    weights: str = Field(default="facebook/sam2.1-hiera-large", min_length=1, description=WHERE)
    batch: int = Field(default=4, ge=1, le=64, description="Pictures segmented at once, 1 to 64.")


class DetectorSettings(WeightsSettings):
    """OWLv2: finds what has a name; it searches backgrounds for objects that nobody annotated."""

    weights: str = Field(default="google/owlv2-base-patch16-ensemble", min_length=1, description=WHERE)
    min_score: float = Field(
        default=0.3, ge=0, le=1, description="Least score of a find, 0 to 1 (our choice; look at your own data)."
    )
    batch: int = Field(default=4, ge=1, le=64, description="Pictures searched at once, 1 to 64.")


class EmbedderSettings(WeightsSettings):
    """SigLIP 2 or CLIP: how alike pictures are, and pictures and words."""

    weights: str = Field(default="google/siglip2-base-patch16-224", min_length=1, description=WHERE)
    batch: int = Field(default=32, ge=1, le=512, description="Pictures embedded at once, 1 to 512.")


class ModelsSettings(Settings):
    """The models of the profiles gpu-24gb and gpu. The profile offline reads none of this."""

    device: str = Field(default="cuda", min_length=1, description="Any torch device; cpu works, slowly.")
    dtype: Literal["bfloat16", "float16", "float32"] = Field(
        default="bfloat16", description="Number format of the drawing models."
    )
    drawing: DrawingSettings = Field(default_factory=DrawingSettings)
    sdxl: SdxlSettings = Field(default_factory=SdxlSettings)
    vae: VaeSettings = Field(default_factory=VaeSettings)
    layer_diffuse: LayerDiffuseSettings = Field(default_factory=LayerDiffuseSettings)
    ip_adapter: IpAdapterSettings = Field(default_factory=IpAdapterSettings)
    layout: GligenSettings = Field(default_factory=GligenSettings)
    segmenter: SegmenterSettings = Field(default_factory=SegmenterSettings)
    detector: DetectorSettings = Field(default_factory=DetectorSettings)
    embedder: EmbedderSettings = Field(default_factory=EmbedderSettings)
