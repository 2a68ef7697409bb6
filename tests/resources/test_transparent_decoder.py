"""The decoder of transparency against its definition, written out once more with plain functions."""

import numpy as np
import pytest

from genval_assets.types import ModelUnavailable

torch = pytest.importorskip("torch", reason="models need the extra 'models'")
F = torch.nn.functional
GROUPS, HEAD = 4, 8


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    pytest.importorskip("diffusers", reason="models need the extra 'models'")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    from tests.resources import tiny_sdxl

    folder = tiny_sdxl.save_layer_diffuse(tmp_path_factory.mktemp("decoder"))
    return folder / tiny_sdxl.DECODER


@pytest.fixture(scope="module")
def decoder(tiny):
    from resources._transparent_decoder import load_decoder

    return load_decoder(tiny, "cpu", torch.float32)


@pytest.fixture(scope="module")
def weights(tiny):
    from safetensors.torch import load_file

    return load_file(tiny)


@pytest.fixture(scope="module")
def seen():
    """Two pictures with their latents."""
    noise = torch.Generator().manual_seed(11)
    return torch.rand(2, 3, 64, 64, generator=noise), torch.randn(2, 4, 8, 8, generator=noise) * 7


class Definition:
    """The network by its published names, with nothing of ours or of diffusers'."""

    def __init__(self, weights):
        self.weights = weights

    def conv(self, x, name, **how):
        return F.conv2d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], **how)

    def linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x, name):
        n, c, h, w = x.shape
        groups = x.reshape(n, GROUPS, -1)
        spread = (groups.var(dim=2, keepdim=True, unbiased=False) + 1e-5).sqrt()
        flat = ((groups - groups.mean(dim=2, keepdim=True)) / spread).reshape(n, c, h, w)
        return flat * self.weights[f"{name}.weight"][:, None, None] + self.weights[f"{name}.bias"][:, None, None]

    def block(self, x, name):
        inner = self.conv(silu(self.norm(x, f"{name}.norm1")), f"{name}.conv1", padding=1)
        inner = self.conv(silu(self.norm(inner, f"{name}.norm2")), f"{name}.conv2", padding=1)
        return inner + (self.conv(x, f"{name}.conv_shortcut") if f"{name}.conv_shortcut.weight" in self.weights else x)

    def attention(self, x, name):
        n, c, h, w = x.shape
        places = self.norm(x, f"{name}.group_norm").reshape(n, c, h * w).transpose(1, 2)
        q, k, v = (
            self.linear(places, f"{name}.to_{part}").reshape(n, h * w, c // HEAD, HEAD).transpose(1, 2)
            for part in "qkv"
        )
        share = (q @ k.transpose(2, 3) / HEAD**0.5).softmax(dim=3)
        mixed = self.linear((share @ v).transpose(1, 2).reshape(n, h * w, c), f"{name}.to_out.0")
        return x + mixed.transpose(1, 2).reshape(n, c, h, w)

    def layer(self, x, part, i):
        x = self.block(x, f"{part}.resnets.{i}")
        return (
            self.attention(x, f"{part}.attentions.{i}") if f"{part}.attentions.{i}.to_q.weight" in self.weights else x
        )

    def __call__(self, rgb, latent):
        x = self.conv(rgb, "conv_in", padding=1)
        skipped = [x]
        for level in range(7):
            if level == 3:
                x = x + self.conv(latent, "latent_conv_in")
            for i in range(2):
                x = self.layer(x, f"down_blocks.{level}", i)
                skipped.append(x)
            if level < 6:
                x = self.conv(x, f"down_blocks.{level}.downsamplers.0.conv", stride=2, padding=1)
                skipped.append(x)
        x = self.layer(x, "mid_block", 0)
        x = self.block(x, "mid_block.resnets.1")
        for level in range(7):
            for i in range(3):
                x = self.layer(torch.cat([x, skipped.pop()], dim=1), f"up_blocks.{level}", i)
            if level < 6:
                wide = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
                x = self.conv(wide, f"up_blocks.{level}.upsamplers.0.conv", padding=1)
        assert not skipped
        return self.conv(silu(self.norm(x, "conv_norm_out")), "conv_out", padding=1)


def silu(x):
    return x / (1 + (-x).exp())


def quarter(x, turns):
    """Turn counter-clockwise, by the definition of a quarter turn: columns, last first, become rows."""
    for _ in range(turns):
        x = x.transpose(2, 3).flip(2)
    return x


@torch.inference_mode()
def test_the_network_is_the_published_one(decoder, weights, seen):
    rgb, latents = seen
    expected = Definition(weights)(rgb, latents)
    assert expected.std(dim=(2, 3)).min() > 0.1
    torch.testing.assert_close(decoder(rgb, latents), expected, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_the_careful_look_is_the_median_of_eight_turned_looks(decoder, weights, seen):
    from resources._transparent_decoder import careful

    define = Definition(weights)
    looks = []
    for mirrored in (False, True):
        for turns in range(4):
            fed = [quarter(x.flip(3) if mirrored else x, turns) for x in seen]
            look = quarter(define(*fed).clip(0, 1), 4 - turns)
            looks.append(look.flip(3) if mirrored else look)
    fourth_smallest = torch.stack(looks).sort(dim=0).values[3]
    assert (fourth_smallest - looks[0]).abs().mean() > 0.05
    torch.testing.assert_close(careful(decoder, *seen), fourth_smallest, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_the_quick_look_is_one_look_held_within_0_and_1(decoder, weights, seen):
    from resources._transparent_decoder import quick

    expected = Definition(weights)(*seen).clip(0, 1)
    assert {0.0, 1.0} <= set(expected.flatten().tolist())
    torch.testing.assert_close(quick(decoder, *seen), expected, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_turning_what_is_seen_turns_the_careful_look(decoder, seen):
    from resources._transparent_decoder import careful

    upright = careful(decoder, *seen)
    turned = careful(decoder, *(quarter(x, 1) for x in seen))
    torch.testing.assert_close(quarter(turned, 3), upright, rtol=1e-4, atol=1e-4)


def test_at_full_size_it_has_the_published_files_keys_and_parameters():
    from resources._transparent_decoder import TransparentDecoder

    with torch.device("meta"):
        published = TransparentDecoder().state_dict()
    shapes = {key: tuple(weight.shape) for key, weight in published.items()}
    assert len(shapes) == 538
    assert sum(np.prod(shape) for shape in shapes.values()) == 104_104_804
    assert shapes["conv_in.weight"] == (32, 3, 3, 3)
    assert shapes["latent_conv_in.weight"] == (64, 4, 1, 1)
    assert shapes["down_blocks.3.resnets.0.conv1.weight"] == (128, 64, 3, 3)
    assert "down_blocks.3.attentions.0.to_q.weight" not in shapes
    assert shapes["down_blocks.4.attentions.1.to_out.0.bias"] == (256,)
    assert shapes["mid_block.attentions.0.group_norm.weight"] == (512,)
    assert shapes["up_blocks.2.attentions.2.to_q.weight"] == (256, 256)
    assert "up_blocks.6.upsamplers.0.conv.weight" not in shapes
    assert shapes["up_blocks.6.resnets.2.conv_shortcut.weight"] == (32, 64, 1, 1)
    assert shapes["conv_out.weight"] == (4, 32, 3, 3)


def test_a_file_with_other_keys_is_refused_with_their_names(weights, tmp_path):
    spoilt = dict(weights)
    for i in range(7):
        spoilt.pop(f"down_blocks.{i}.resnets.1.conv2.weight")
    for i in range(5):
        spoilt.pop(f"up_blocks.{i}.resnets.1.conv2.weight")
    spoilt["surplus.weight"] = torch.zeros(1)
    spoilt["conv_out.weight"] = torch.zeros(3, 8, 3, 3)
    with pytest.raises(ModelUnavailable) as refused:
        load(spoilt, tmp_path)
    assert str(refused.value).endswith(
        "spoilt.safetensors does not fit its network: it has keys that the network lacks surplus.weight; "
        "no weights for down_blocks.0.resnets.1.conv2.weight, down_blocks.1.resnets.1.conv2.weight, "
        "down_blocks.2.resnets.1.conv2.weight, down_blocks.3.resnets.1.conv2.weight, "
        "down_blocks.4.resnets.1.conv2.weight, down_blocks.5.resnets.1.conv2.weight, "
        "down_blocks.6.resnets.1.conv2.weight, up_blocks.0.resnets.1.conv2.weight, "
        "up_blocks.1.resnets.1.conv2.weight, up_blocks.2.resnets.1.conv2.weight and 2 more; "
        "another shape for conv_out.weight"
    )


def test_a_file_that_does_not_tell_its_widths_is_held_against_the_published_ones(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"no weights for conv_in.bias, .* and 528 more"):
        load({"surplus": torch.zeros(1)}, tmp_path)


def load(weights, folder):
    from safetensors.torch import save_file

    from resources._transparent_decoder import load_decoder

    save_file(weights, folder / "spoilt.safetensors")
    return load_decoder(folder / "spoilt.safetensors", "cpu", torch.float32)
