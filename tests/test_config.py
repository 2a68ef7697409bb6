"""What `genval.toml` promises: all of it documented, what is written reads back, and every fault is named at once."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from genval_assets.config import (
    BadSettings,
    DataSettings,
    GenvalSettings,
    NoHome,
    check_paths,
    find_home,
    parse_settings,
    read_settings,
)
from genval_assets.config_text import write_settings

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def faults(text: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        parse_settings(text, "h/genval.toml")
    return str(caught.value).split("\n")


def fault(text: str) -> str:
    (only,) = faults(text)
    return only


def all_fields(model: type[BaseModel]) -> Iterator[tuple[str, object]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from all_fields(field.annotation)
        else:
            yield name, field


def test_an_empty_file_is_a_project_with_all_defaults():
    assert parse_settings("") == GenvalSettings()


def test_the_written_file_reads_back_equal():
    assert parse_settings(write_settings(GenvalSettings())) == GenvalSettings()


@pytest.mark.parametrize(("name", "field"), [pytest.param(n, f, id=n) for n, f in all_fields(GenvalSettings)])
def test_every_key_stands_in_the_written_file_under_its_description(name, field):
    """A key that cannot be written as "not set" would be lost: its default must then not be None."""
    lines = write_settings(GenvalSettings()).splitlines()
    assert len(field.description) > 15
    first_words = " ".join(field.description.split()[:6])
    assert any(line.startswith(f"# {first_words}") for line in lines)
    assert any(
        line.startswith((f"{name} = ", f"# {name} =", f"[{name}]")) or line.endswith(f".{name}]") for line in lines
    )


def test_the_written_file_is_narrow_enough_for_a_terminal():
    assert max(len(line) for line in write_settings(GenvalSettings()).splitlines()) <= 100


@pytest.mark.parametrize(
    "path",
    [
        'say "hi"',
        "it's",
        "back\\slash",
        "line\nbreak",
        "tab\t",
        "nul\x00",
        "del\x7f",
        "斑马 🦓",
        "\u2028",
        "'''",
        "{{7*7}}",
        "#",
    ],
)
def test_a_hostile_path_reads_back_as_it_was(path):
    settings = GenvalSettings(data=DataSettings(coco=path, images=path + "/x"))
    assert parse_settings(write_settings(settings)) == settings


@given(
    st.builds(dict, coco=NAMES | st.none(), images=NAMES | st.none(), val=NAMES | st.none()),
    st.dictionaries(NAMES.map(lambda name: f"x{len(name)} {name}"), st.integers(0, 1_000_000), max_size=1),
    st.dictionaries(NAMES, st.fixed_dictionaries({"min_area_share": st.floats(0, 1)}), max_size=3),
    st.floats(min_value=1e-300, max_value=1440, exclude_min=True),
    st.sampled_from([["cutout"], ["foreground"], ["foreground", "cutout"]]),
)
def test_whatever_is_set_reads_back_equal(data, targets, overrides, minutes, sources):
    settings = GenvalSettings.model_validate(
        {
            "data": data,
            "targets": targets,
            "instances": {"sources": sources, "gate": {"overrides": overrides}},
            "top_up": {"wave_minutes": minutes},
        }
    )
    assert parse_settings(write_settings(settings)) == settings


def test_a_path_that_is_no_text_never_becomes_a_setting():
    with pytest.raises(ValidationError, match="unicode"):
        DataSettings(coco="caf\udce9.json")


def test_every_fault_is_named_with_file_and_key_in_one_error():
    text = """
    speling = 1
    [top_up]
    target = "5"
    wave_minutes = -1
    max_candidates = 9
    [instances]
    sources = ["cutout", "foreground", "photo"]
    [instances.gate.overrides.zebra]
    min_area_share = 7
    [scenes]
    blend_none = 0
    blend_harmonised = 0
    blend_feathered = 0
    """
    found = faults(text)
    assert all(line.startswith("h/genval.toml: ") for line in found)
    said = {line.removeprefix("h/genval.toml: ").partition(": ")[0]: line for line in found}
    assert said.keys() == {
        "speling",
        "[top_up] target",
        "[top_up] wave_minutes",
        "[top_up] max_candidates",
        "[instances] sources[2]",
        "[instances.gate.overrides.zebra] min_area_share",
        "[scenes]",
    }
    assert said["[top_up] target"].endswith("Input should be a valid integer; got '5'")
    assert said["[top_up] wave_minutes"].endswith("Input should be greater than 0; got '-1'")


def test_an_unknown_key_names_the_one_that_was_meant():
    assert fault("[top_up]\ntaget = 3") == "h/genval.toml: [top_up] taget: unknown key; did you mean target?"
    assert fault("[topup]\ntarget = 3") == "h/genval.toml: topup: unknown key; did you mean top_up?"
    assert fault("[rare]\nxyz = 3").endswith("[rare] xyz: unknown key; known here: max_images, use_frequency")


@pytest.mark.parametrize("text", ["[top_up", "a = 1\na = 2", "a = ", "[data]\ncoco = 'x\n'", "\x00"])
def test_what_is_no_toml_is_refused_with_its_place(text):
    assert "h/genval.toml: not readable as TOML: " in fault(text)
    assert "(at " in fault(text)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1979-05-27", "true", '"45"', "[45]", "{}"])
def test_a_number_is_a_finite_number_and_nothing_else(value):
    assert fault(f"[top_up]\nwave_minutes = {value}").startswith(
        "h/genval.toml: [top_up] wave_minutes: Input should be"
    )


@pytest.mark.parametrize("profile", ["offline", "gpu", "gpu-24gb"])
def test_each_profile_is_taken(profile):
    assert parse_settings(f'[project]\nprofile = "{profile}"').project.profile == profile


def test_weights_that_are_a_folder_beside_the_settings_are_that_folder_and_others_stay_hub_ids(tmp_path):
    (tmp_path / "weights" / "sdxl").mkdir(parents=True)
    (tmp_path / "genval.toml").write_text(
        '[models.sdxl]\nweights = "weights/sdxl"\n[models.segmenter]\nweights = "facebook/sam2.1-hiera-tiny"\n'
        '[chat.local]\nweights = "weights/away"\n'
    )
    settings = read_settings(tmp_path / "genval.toml")
    assert settings.models.sdxl.weights == str(tmp_path / "weights" / "sdxl")
    assert settings.models.segmenter.weights == "facebook/sam2.1-hiera-tiny"
    assert settings.chat.local.weights == "weights/away"


def test_variations_need_annotated_photographs():
    settings = parse_settings('[data]\nnames = "n.txt"\n[instances]\nsources = ["variation"]')
    assert "[instances] sources: variation needs [data] coco; use foreground" in check_paths(settings)


def test_a_profile_that_never_was_is_refused_with_what_there_is():
    assert fault('[project]\nprofile = "laptop"').endswith(
        "no such profile; accepted: offline, gpu-24gb, gpu; got 'laptop'"
    )


def test_the_categories_come_from_one_list():
    assert "remove the other" in fault('[data]\ncoco = "a.json"\nnames = "b.txt"')


@pytest.mark.parametrize("sources", ["[]", '["cutout", "cutout"]'])
def test_there_is_a_source_and_each_once(sources):
    assert "[instances] sources" in fault(f"[instances]\nsources = {sources}")


def test_targets_are_by_name_and_names_that_look_the_same_are_refused():
    assert parse_settings('[targets]\n"sea cow" = 200\nzebra = 0').targets == {"sea cow": 200, "zebra": 0}
    assert "'Zebra' and 'zebra'" in fault("[targets]\nZebra = 1\nzebra = 2")
    assert "[targets] zebra: Input should be greater" in fault("[targets]\nzebra = -1")
    assert "letter or digit" in fault('[targets]\n"--" = 1')


@pytest.mark.parametrize("cron", ["0 22 * * *", "*/15 0-6 1,15 * 1-5", "59 23 31 12 7", "0 0 * * */2"])
def test_a_cron_line_is_accepted(cron):
    assert parse_settings(f'[schedule]\ncron = "{cron}"').schedule.cron == cron


@pytest.mark.parametrize(
    "cron", ["", "22", "0 24 * * *", "60 0 * * *", "0 0 0 * *", "* * * 13 *", "* * * * 8", "0 9-5 * * *", "0 0 * * * *",
             "*/0 * * * *", "a * * * *", "1- * * * *", "٣ * * * *"],
)  # fmt: skip
def test_what_is_no_cron_line_is_refused_with_an_example(cron):
    assert "such as '0 22 * * 1-5'" in fault(f'[schedule]\ncron = "{cron}"')


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "Europe"])
def test_a_time_zone_that_is_none_is_refused(zone):
    assert "[schedule] timezone: no such time zone" in fault(f'[schedule]\ntimezone = "{zone}"')
    assert parse_settings('[schedule]\ntimezone = "Europe/Berlin"').schedule.timezone == "Europe/Berlin"


def test_a_webhook_is_named_by_its_variable_so_that_no_secret_stands_in_the_file():
    assert parse_settings('[alerts]\nwebhook_env = "MY_HOOK_2"').alerts.webhook_env == "MY_HOOK_2"
    assert "[alerts] webhook_env" in fault('[alerts]\nwebhook_env = "https://hooks.example/secret"')


def test_paths_count_from_the_files_folder_and_absolute_ones_stay(tmp_path):
    path = tmp_path / "genval.toml"
    path.write_text('[data]\ncoco = "../a b.json"\nimages = "/photos"', encoding="utf-8")
    data = read_settings(path).data
    assert data.coco == str(tmp_path / "../a b.json")
    assert data.images == "/photos"
    assert data.val is None


def test_a_byte_order_mark_means_nothing(tmp_path):
    (tmp_path / "genval.toml").write_text("\ufeff[rare]\nmax_images = 5", encoding="utf-8")
    assert read_settings(tmp_path / "genval.toml").rare.max_images == 5


def test_a_missing_file_says_what_writes_it_and_other_bytes_are_refused(tmp_path):
    with pytest.raises(BadSettings, match=r"genval\.toml: cannot be read .*genval init"):
        read_settings(tmp_path / "genval.toml")
    with pytest.raises(BadSettings, match="cannot be read"):
        read_settings(tmp_path)
    (tmp_path / "latin").write_bytes(b"# caf\xe9")
    with pytest.raises(BadSettings, match="not UTF-8"):
        read_settings(tmp_path / "latin")


def settings_with(tmp_path, sources: str = '["cutout"]', **data: str) -> GenvalSettings:
    lines = [f"{key} = '{value}'" for key, value in data.items()]
    (tmp_path / "genval.toml").write_text("\n".join(["[data]", *lines, "[instances]", f"sources = {sources}"]))
    return read_settings(tmp_path / "genval.toml")


def test_data_that_is_all_there_has_no_fault(tmp_path):
    for name in ("a.json", "v.json"):
        (tmp_path / name).touch()
    assert check_paths(settings_with(tmp_path, coco="a.json", images=".", backgrounds=".", val="v.json")) == []
    assert check_paths(settings_with(tmp_path, sources='["foreground"]', names="a.json")) == []


def test_every_path_that_is_missing_or_of_the_wrong_kind_is_named(tmp_path):
    (tmp_path / "file").touch()
    found = check_paths(
        settings_with(tmp_path, coco="gone.json", images="file", backgrounds="gone", val=".", val_images="file")
    )
    assert found == [
        f"[data] coco: no such file: {tmp_path / 'gone.json'}",
        f"[data] images: no such folder: {tmp_path / 'file'}",
        f"[data] backgrounds: no such folder: {tmp_path / 'gone'}",
        f"[data] val: no such file: {tmp_path}",
        f"[data] val_images: no such folder: {tmp_path / 'file'}",
    ]


def test_data_that_does_not_belong_together_is_named(tmp_path):
    (tmp_path / "f").touch()
    assert [f.partition(":")[0] for f in check_paths(settings_with(tmp_path))] == ["[data]", "[instances] sources"]
    assert check_paths(settings_with(tmp_path, coco="f")) == [
        "[data] images: not set, but coco is; give the folder of its images"
    ]
    assert check_paths(settings_with(tmp_path, names="f", val="f", sources='["foreground"]')) == [
        "[data] val_images: not set, but val is; give the folder of its images"
    ]


def test_a_path_no_system_could_hold_is_missing_not_a_crash():
    settings = GenvalSettings(data=DataSettings(coco="/a\x00b", images="/" + "x" * 5000))
    assert len(check_paths(settings)) == 2


def test_the_home_is_what_the_variable_says(tmp_path):
    assert find_home({"GENVAL_HOME": "/data/h"}, tmp_path) == find_home(
        {"GENVAL_HOME": "/data/h"}, tmp_path, for_daemon=True
    )
    assert str(find_home({"GENVAL_HOME": "/data/h", "DAGSTER_HOME": "/x/dagster"}, tmp_path)) == "/data/h"
    assert find_home({"GENVAL_HOME": "below"}, tmp_path) == tmp_path / "below"


def test_else_it_is_where_dagsters_home_lies_if_that_is_a_project(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "genval.toml").touch()
    env = {"GENVAL_HOME": "", "DAGSTER_HOME": str(tmp_path / "p" / "dagster")}
    assert find_home(env, tmp_path) == find_home(env, tmp_path, for_daemon=True) == tmp_path / "p"


def test_else_the_command_line_looks_here_and_a_daemon_asks(tmp_path):
    env = {"DAGSTER_HOME": str(tmp_path / "elsewhere" / "dagster")}
    assert find_home(env, tmp_path) == find_home({}, tmp_path) == tmp_path / "genval_home"
    with pytest.raises(NoHome, match=r"elsewhere/dagster, without a genval\.toml beside it"):
        find_home(env, tmp_path, for_daemon=True)
    with pytest.raises(NoHome, match="DAGSTER_HOME is not set"):
        find_home({}, tmp_path, for_daemon=True)


def test_the_written_file_is_toml_for_any_reader():
    values = tomllib.loads(write_settings(GenvalSettings()))
    assert list(values) == list(GenvalSettings.model_fields)
