"""What we ship for deployment is accepted by the programs it is for, and speaks of what exists."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any  # what YAML and JSON hold

import proxy
import pytest
import yaml

from npn.chores import Rounds
from npn.config import Settings, read_settings
from npn.http.metrics import Metrics
from npn.http.rounds import RoundFigures
from postgres import free_port

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
RUNBOOKS = ROOT / "docs" / "guide" / "operations.md"


def program(name: str) -> str:
    """Find it, also where Debian keeps what only root looks for; skip without."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)


def test_the_alert_rules_fire_when_they_should_and_only_then() -> None:
    promtool = program("promtool")
    done = run(promtool, "check", "rules", DEPLOY / "monitoring" / "alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(promtool, "test", "rules", DEPLOY / "monitoring" / "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_reads_the_figures_where_the_servers_serve_them() -> None:
    file = DEPLOY / "monitoring" / "prometheus.yml"
    (job,) = yaml.safe_load(file.read_text("utf-8"))["scrape_configs"]
    settings = read_settings(DEPLOY / "nginx" / "npn.toml", {}, {})
    assert settings.metrics_listen in job["static_configs"][0]["targets"]
    assert settings.metrics_token_file
    assert job["authorization"]["credentials_file"]
    done = run(program("promtool"), "check", "config", "--syntax-only", file)
    assert done.returncode == 0, done.stdout + done.stderr


def alerts() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def test_every_alert_is_tested_and_leads_to_a_runbook() -> None:
    tested = (DEPLOY / "monitoring" / "alerts_test.yml").read_text("utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in RUNBOOKS.read_text("utf-8").splitlines()
        if line.startswith("#")
    }
    for alert in alerts():
        blocks = re.findall(rf"alertname: {alert['alert']}\n +exp_alerts:", tested)
        assert blocks, f"{alert['alert']} is never seen to fire"
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert ROOT / page == RUNBOOKS
        assert anchor in headings, anchor


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text("utf-8"))
    return loaded


def test_alerts_and_dashboard_ask_for_figures_that_exist() -> None:
    registry = Metrics().registry
    registry.register(RoundFigures(Rounds()))
    known = {
        sample
        for metric in registry.collect()
        for sample in (metric.name, *(f"{metric.name}_{end}" for end in ("total", "bucket", "sum", "count")))
    } | {"up"}
    asked = [alert["expr"] for alert in alerts()]
    asked += [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    named = {name for expression in asked for name in re.findall(r"\b(npn_[a-z_]+|up)\b(?=[{)\[ =])", expression)}
    assert named - known == set()


def test_the_dashboard_shows_each_panel_in_a_place_of_its_own() -> None:
    places: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not mine & places, panel["title"]
        assert max(x for x, _ in mine) < 24
        places |= mine


@pytest.mark.parametrize("unit", ["npn-server.service"])
def test_systemd_accepts_the_unit_and_finds_it_closed(unit: str, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    made = tmp_path / unit
    made.write_text((DEPLOY / unit).read_text("utf-8").replace("/opt/npn/bin/npn", sys.executable), "utf-8")
    verified = run(analyze, "verify", "--man=no", made)
    assert unit not in verified.stderr, verified.stderr
    judged = run(analyze, "security", "--offline=yes", "--no-pager", made)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert found is not None, judged.stdout + judged.stderr
    assert float(found[1]) < 2.0, judged.stdout


def test_nginx_accepts_the_site(tmp_path: Path) -> None:
    nginx = program("nginx")
    program("openssl")
    cert, key = proxy.certificate(tmp_path)
    written = tmp_path / "nginx.conf"
    written.write_text(proxy.configuration(tmp_path, proxy.site([free_port()], free_port(), cert, key)))
    done = run(nginx, "-t", "-c", written, "-p", tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_settings_beside_nginx_name_what_it_sets() -> None:
    for folder, site in (("nginx", "npn.conf"), ("compose", "site.conf")):
        settings = read_settings(DEPLOY / folder / "npn.toml", {}, {})
        sets = f"proxy_set_header {settings.client_cert_header} $ssl_client_escaped_cert;"
        assert sets in (DEPLOY / folder / site).read_text("utf-8")
        assert settings.trusted_proxies
    composed = yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text("utf-8"))
    address = composed["services"]["nginx"]["networks"]["default"]["ipv4_address"]
    assert read_settings(DEPLOY / "compose" / "npn.toml", {}, {}).trusted_proxies == (address,)


def test_haproxy_accepts_its_configuration() -> None:
    done = run(program("haproxy"), "-c", "-f", DEPLOY / "haproxy" / "haproxy.cfg")
    assert done.returncode == 0, done.stderr


def test_etcd_and_patroni_name_the_same_members() -> None:
    etcd = yaml.safe_load((DEPLOY / "etcd" / "etcd.conf.yml").read_text("utf-8"))
    patroni = yaml.safe_load((DEPLOY / "patroni" / "patroni.yml").read_text("utf-8"))
    members = re.findall(r"https://([0-9.]+):2380", etcd["initial-cluster"])
    assert [f"{member}:2379" for member in members] == patroni["etcd3"]["hosts"]
    dcs = patroni["bootstrap"]["dcs"]
    assert dcs["synchronous_mode"] is dcs["synchronous_mode_strict"] is True
    assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"]


def test_the_compose_file_hangs_together() -> None:
    composed = yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text("utf-8"))
    services = composed["services"]
    for name, service in services.items():
        assert "image" in service or "build" in service, name
        assert set(service.get("secrets", [])) <= composed["secrets"].keys(), name
        key = service.get("environment", {}).get("NPN_SECRETS_KEY_FILE", "")
        assert key == ("/run/secrets/npn-secrets" if service.get("secrets") else ""), name
        needed = service.get("depends_on", [])
        assert set(needed) <= services.keys(), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "compose" / source).exists(), volume
            elif not source.startswith("${"):
                assert source in composed["volumes"], volume
    site = (DEPLOY / "nginx" / "npn.conf").read_text("utf-8")
    composed_site = (DEPLOY / "compose" / "site.conf").read_text("utf-8")
    assert [line for line in composed_site.splitlines() if not line.startswith(("#", "    server "))] == [
        line for line in site.splitlines() if not line.startswith(("#", "    server "))
    ]


def rendered(template: str, values: dict[str, Any]) -> str:
    """Fill a chart's template in: the few forms that ours use."""

    def look(path: str) -> Any:
        found: Any = {"Values": values, "Release": {"Name": "trial"}}
        for part in path.strip(".").split("."):
            found = found[part]
        return found

    template = re.sub(r"{{- if [^}]*}}\n|{{- end }}\n?$", "", template)
    loop = re.compile(r"^ *{{- range \$key, \$value := (\S+) }}\n(.*?)^ *{{- end }}\n", re.DOTALL | re.MULTILINE)

    def unrolled(found: re.Match[str]) -> str:
        lines = ((k, json.dumps(v)) for k, v in look(found[1]).items())
        return "".join(found[2].replace("{{ $key }}", k).replace("{{ toJson $value }}", v) for k, v in lines)

    template = loop.sub(unrolled, template)
    template = re.sub(r"{{ toJson (\S+) \| sha256sum }}", "0" * 64, template)
    template = re.sub(r"{{ toJson (\S+) }}", lambda m: json.dumps(look(m[1])), template)
    return re.sub(r"{{ (\.\S+) }}", lambda m: str(look(m[1])), template)


def test_the_chart_renders_to_what_kubernetes_knows() -> None:
    chart = DEPLOY / "helm" / "npn"
    values = yaml.safe_load((chart / "values.yaml").read_text("utf-8"))
    assert values["settings"].keys() <= set(Settings.__struct_fields__)
    kinds: dict[str, Any] = {}
    for file in sorted((chart / "templates").glob("*.yaml")):
        text = rendered(file.read_text("utf-8"), values)
        assert "{{" not in text, text
        kinds |= {document["kind"]: document for document in yaml.safe_load_all(text)}
    assert kinds.keys() == {"ConfigMap", "Deployment", "Service", "PodDisruptionBudget", "Job"}
    pod = kinds["Deployment"]["spec"]["template"]
    wanted = kinds["Deployment"]["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= pod["metadata"]["labels"].items()
    assert kinds["Service"]["spec"]["selector"] == wanted
    (container,) = pod["spec"]["containers"]
    for each in (container, kinds["Job"]["spec"]["template"]["spec"]["containers"][0]):
        variables = {variable["name"]: variable for variable in each["env"]}
        assert variables.keys() == {"NPN_DATABASE", "NPN_WITNESS", "NPN_SECRETS_KEY_FILE"}
        mounted = {mount["name"]: mount["mountPath"] for mount in each["volumeMounts"]}
        assert variables["NPN_SECRETS_KEY_FILE"]["value"] == f"{mounted['secrets-key']}/npn-secrets"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    port = values["settings"]["metrics_listen"].rpartition(":")[2]
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == port
    assert {"name": "metrics", "containerPort": int(port)} in container["ports"]
    assert "metrics" not in str(kinds["Service"]["spec"])
    assert "draw_deadline_seconds = 15.0" in kinds["ConfigMap"]["data"]["npn.toml"]
