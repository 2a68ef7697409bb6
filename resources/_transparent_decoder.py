"""Layer Diffusion's decoder of transparency, on diffusers' blocks, with the published names of its weights.

Zhang and Agrawala (2024), arXiv 2402.17113, and the code released for diffusers. It sees the picture that the VAE
decodes, in which the object stands on grey, and the latent that hides its transparency.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_blocks import UNetMidBlock2D, get_down_block, get_up_block
from safetensors.torch import load_file
from torch import nn

from resources._loading import loading
from resources._parts import refuse_keys
from resources._vae import within

DECODER = "the decoder of transparency (Layer Diffusion)"
PUBLISHED_WIDTHS = (32, 32, 64, 128, 256, 512, 512)
"""Channels of the seven levels, from the picture inwards; six halvings, so that sides are multiples of 64."""
ATTENTION_FROM = 4
"""The inner levels from this one on, and the middle, have attention."""
LATENT_ENTERS = 3
"""Before this level, where the picture is an eighth, as the latent is."""
LAYERS = 2
HEAD_DIM = 8
GROUPS = 4
EPS = 1e-5
TURNS = 8
"""Mirrored or not, times four quarter turns."""


class TransparentDecoder(nn.Module):
    """From a picture and its latent to coverage and the object's own colours."""

    def __init__(self, widths: Sequence[int] = PUBLISHED_WIDTHS) -> None:
        """Build it with random weights; the published ones have `PUBLISHED_WIDTHS`."""
        super().__init__()
        self.conv_in = nn.Conv2d(3, widths[0], kernel_size=3, padding=1)
        self.latent_conv_in = nn.Conv2d(4, widths[LATENT_ENTERS - 1], kernel_size=1)
        self.down_blocks = nn.ModuleList(_down_block(widths, level) for level in range(len(widths)))
        self.mid_block = UNetMidBlock2D(
            in_channels=widths[-1],
            temb_channels=None,  # type: ignore[arg-type] # there is no time
            resnet_eps=EPS,
            resnet_act_fn="silu",
            resnet_groups=GROUPS,
            attention_head_dim=HEAD_DIM,
        )
        self.up_blocks = nn.ModuleList(_up_block(widths, level) for level in reversed(range(len(widths))))
        self.conv_norm_out = nn.GroupNorm(GROUPS, widths[0], eps=EPS)
        self.conv_out = nn.Conv2d(widths[0], 4, kernel_size=3, padding=1)

    def forward(self, rgb: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
        """Return (N, 4, H, W): alpha, then straight red, green and blue; about [0, 1], not clipped.

        Args:
            rgb: (N, 3, H, W) in [0, 1], as the VAE decodes the latents; H and W are multiples of 64.
            latents: (N, 4, H/8, W/8) as the VAE takes them.
        """
        state = self.conv_in(rgb)
        kept = [state]
        for level, block in enumerate(self.down_blocks):
            if level == LATENT_ENTERS:
                state = state + self.latent_conv_in(latents)
            state, found = block(state)
            kept += found
        state = self.mid_block(state)
        for block in self.up_blocks:
            state = block(state, tuple(kept[-LAYERS - 1 :]))
            del kept[-LAYERS - 1 :]
        decoded: torch.Tensor = self.conv_out(nn.functional.silu(self.conv_norm_out(state)))
        return decoded


def load_decoder(file: Path, device: str, dtype: torch.dtype) -> TransparentDecoder:
    """Return the decoder on its device. The published file has no config: widths are those of its convolutions.

    Raises:
        ModelUnavailable: the file is damaged, or has other keys or shapes than the decoder; it lists them.
    """
    with loading(DECODER, file):
        weights = load_file(file)
    with torch.device("meta"):
        decoder = TransparentDecoder(_widths(weights))
    wanted = decoder.state_dict()
    shaped = {key for key in weights if key in wanted and weights[key].shape != wanted[key].shape}
    refuse_keys(file, unknown=weights.keys() - wanted.keys(), missing=wanted.keys() - weights.keys(), shaped=shaped)
    decoder.load_state_dict(weights, assign=True)
    with loading(DECODER, file):
        decoder.eval().requires_grad_(False).to(device, dtype)
    for weight in decoder.parameters():
        if weight.dim() == 4:  # of convolutions
            weight.data = weight.data.to(memory_format=torch.channels_last)
    return decoder


def quick(decoder: TransparentDecoder, rgb: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """Return (N, 4, H, W), alpha, red, green, blue in [0, 1], from one look: good enough to judge a candidate."""
    return within(decoder(rgb, latents))


def careful(decoder: TransparentDecoder, rgb: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """Return (N, 4, S, S), alpha, red, green, blue in [0, 1]: of eight looks the median, per pixel and channel.

    Picture and latent are mirrored or not and turned by quarters, and what is seen is turned back. Of eight values
    the median is the fourth smallest, as in the released code.

    Args:
        decoder: the network.
        rgb: (N, 3, S, S), see `TransparentDecoder.forward`.
        latents: (N, 4, S/8, S/8).
    """
    looks = within(decoder(_turned(rgb), _turned(latents))).chunk(TURNS)
    back = [_turned_back(look, turn) for turn, look in enumerate(looks)]
    return torch.stack(back).median(dim=0).values


def _turned(square: torch.Tensor) -> torch.Tensor:
    """Return (8 N, C, S, S): the four quarter turns, then those of the mirror image."""
    return torch.cat([torch.rot90(one, k, (2, 3)) for one in (square, square.flip(3)) for k in range(4)])


def _turned_back(square: torch.Tensor, turn: int) -> torch.Tensor:
    upright = torch.rot90(square, -(turn % 4), (2, 3))
    return upright.flip(3) if turn >= TURNS // 2 else upright


def _widths(weights: Mapping[str, torch.Tensor]) -> tuple[int, ...]:
    """Return the channels of the levels as far as the file tells them, else those published."""
    firsts = [f"down_blocks.{level}.resnets.0.conv1.weight" for level in range(len(PUBLISHED_WIDTHS))]
    if not all(key in weights for key in firsts):
        return PUBLISHED_WIDTHS
    return tuple(weights[key].shape[0] for key in firsts)


def _down_block(widths: Sequence[int], level: int) -> nn.Module:
    block: nn.Module = get_down_block(
        "AttnDownBlock2D" if level >= ATTENTION_FROM else "DownBlock2D",
        num_layers=LAYERS,
        in_channels=widths[max(0, level - 1)],
        out_channels=widths[level],
        temb_channels=None,  # type: ignore[arg-type] # there is no time
        add_downsample=level < len(widths) - 1,
        resnet_eps=EPS,
        resnet_act_fn="silu",
        resnet_groups=GROUPS,
        attention_head_dim=HEAD_DIM,
        downsample_padding=1,
        downsample_type="conv",
    )
    return block


def _up_block(widths: Sequence[int], level: int) -> nn.Module:
    return get_up_block(
        "AttnUpBlock2D" if level >= ATTENTION_FROM else "UpBlock2D",
        num_layers=LAYERS + 1,
        in_channels=widths[max(0, level - 1)],
        out_channels=widths[level],
        prev_output_channel=widths[min(level + 1, len(widths) - 1)],
        temb_channels=None,  # type: ignore[arg-type] # there is no time
        add_upsample=level > 0,
        resnet_eps=EPS,
        resnet_act_fn="silu",
        resnet_groups=GROUPS,
        attention_head_dim=HEAD_DIM,
        upsample_type="conv",
    )
