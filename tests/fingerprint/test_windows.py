from __future__ import annotations

from types import SimpleNamespace

import pytest

from suite.fingerprint import identity, machine, windows

GERMAN = "GUID des Energieschemas: 381b4222-f694-41f0-9685-ff5bb260df2e  (Ausbalanciert)\n"
OWN = "Power Scheme GUID: 11111111-2222-3333-4444-555555555555  (Lab bench)\n"


def test_a_ryzen_desktop(sample):
    facts = windows.facts_of_cim(windows.parse_cim(sample("cim_ryzen.json")))
    assert facts == {
        "cpu_vendor": "AuthenticAMD",
        "cpu_model": "AMD Ryzen 5 2600 Six-Core Processor",
        "physical_cores": 6,
        "logical_cores": 12,
        "smt": True,
        "base_mhz": 3400.0,
        "ram_bytes": 17125085184,
        "os_name": "Microsoft Windows 10 Pro",
        "os_version": "10.0.19043",
        "virtual_machine": "none",
        "l2_bytes": 3 * 1024**2,
        "l3_bytes": 16 * 1024**2,
        "gpus": [
            {
                "name": "NVIDIA GeForce GTX 1070 Ti",
                "memory_bytes": "unknown because Windows states at most 4 GiB",
                "driver": "30.0.14.7212",
            }
        ],
    }, "a unified L1 is neither data nor instruction cache, so both are left open"


def test_a_guest_with_two_sockets_and_lone_objects(sample):
    facts = windows.facts_of_cim(windows.parse_cim(sample("cim_hyperv_guest.json")))
    assert (facts["physical_cores"], facts["logical_cores"], facts["base_mhz"]) == (2, 4, 2600.0)
    assert facts["virtual_machine"] == "microsoft"
    assert (facts["l1d_bytes"], facts["l1i_bytes"]) == (32 * 1024, 32 * 1024)
    assert "l2_bytes" not in facts
    assert facts["gpus"][0]["memory_bytes"] == "unknown because Windows does not state it"


@pytest.mark.parametrize(
    ("maker", "model", "name"),
    [
        ("innotek GmbH", "VirtualBox", "oracle"),
        ("VMware, Inc.", "VMware7,1", "vmware"),
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "qemu"),
        ("Amazon EC2", "m5.large", "amazon"),
        ("Dell Inc.", "XPS 15", "none"),
    ],
)
def test_virtual_machines_by_their_model(maker, model, name):
    answer = windows.parse_cim("{}") | {"computer": [{"Manufacturer": maker, "Model": model}]}
    assert windows.facts_of_cim(answer)["virtual_machine"] == name


def test_an_empty_answer_states_nothing():
    assert windows.facts_of_cim(windows.parse_cim("no JSON")) == {}


def test_power_schemes_are_known_by_identifier_in_any_language():
    assert windows.parse_powercfg(GERMAN) == {"governor": "power scheme balanced"}
    assert windows.parse_powercfg(OWN) == {"governor": "power scheme Lab bench"}
    assert windows.parse_powercfg("Zugriff verweigert") == {}


def test_the_query_selects_no_names_of_users_or_hosts():
    selected = windows.QUERY.lower()
    assert not any(word in selected for word in ("username", "pscomputername", "dnshostname", "csname", "serial"))


def test_the_whole_identity_of_a_windows_machine(sample, programs, monkeypatch):
    programs("powershell", sample("cim_ryzen.json"))
    programs("powercfg", GERMAN)
    programs("nvidia-smi", "NVIDIA GeForce GTX 1070 Ti, 8192, 472.12\n")
    monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="win32"))
    found = identity()
    assert found["cpu_model"] == "AMD Ryzen 5 2600 Six-Core Processor"
    assert found["governor"] == "power scheme balanced"
    assert found["cpu_quota"] == "unknown because the limits of Windows' job objects are not read"
    assert found["gpus"] == [{"name": "NVIDIA GeForce GTX 1070 Ti", "memory_bytes": 8 * 1024**3, "driver": "472.12"}]
    assert found["sources"]["l3_bytes"] == "CIM"
