from __future__ import annotations

from suite.fingerprint import gpu

MIB = 1024**2


def test_nvidia_smi_lines():
    text = "NVIDIA H200, 143771, 565.57.01\nNVIDIA GH200 480GB, [N/A], 565.57.01\n"
    assert gpu.parse_nvidia_smi(text) == [
        {"name": "NVIDIA H200", "memory_bytes": 143771 * MIB, "driver": "565.57.01"},
        {
            "name": "NVIDIA GH200 480GB",
            "memory_bytes": "unknown because nvidia-smi does not state it",
            "driver": "565.57.01",
        },
    ]


def test_an_error_of_nvidia_smi_is_no_gpu(programs):
    text = (
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that it is running.\n"
    )
    assert gpu.parse_nvidia_smi(text) == []
    programs("nvidia-smi", "NVIDIA H200, 143771, 565.57.01\n", code=9)
    assert gpu.nvidia_gpus() == []


def device(address, **files):
    return {f"/sys/bus/pci/devices/{address}/{name}": text + "\n" for name, text in files.items()}


def test_the_pci_list_leaves_out_consoles_and_network_cards():
    files = {
        **device("0000:01:00.0", **{"class": "0x030200", "vendor": "0x10de", "device": "0x2335"}),
        **device(
            "0000:02:00.0",
            **{
                "class": "0x030000",
                "vendor": "0x1002",
                "device": "0x744c",
                "product_name": "Radeon RX 7900 XTX",
                "mem_info_vram_total": "25753026560",
            },
        ),
        **device("0000:03:00.0", **{"class": "0x030000", "vendor": "0x1a03", "device": "0x2000"}),
        **device("0000:04:00.0", **{"class": "0x020000", "vendor": "0x10de", "device": "0x1021"}),
    }
    found = gpu.parse_pci_displays(files)
    assert [item["name"] for item in found] == ["NVIDIA device 2335", "Radeon RX 7900 XTX"]
    assert found[1]["memory_bytes"] == 25753026560
    stated = gpu.parse_nvidia_smi("NVIDIA H200, 143771, 565.57.01")
    merged = gpu.prefer_nvidia_smi(found, stated)
    assert [item["name"] for item in merged] == ["NVIDIA H200", "Radeon RX 7900 XTX"]
    assert gpu.prefer_nvidia_smi(found, []) == found, "a card whose tool fails is still a card"
