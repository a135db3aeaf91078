"""SQL of assets: whole ones and their versions, from the newest facts told of each."""

from llm_analytics_hub.model.asset import ASSET_MEMBERS, CURRENT, AssetFilter, VersionFilter
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

_MEMBERS = ", ".join(f"max(a.{name}).value AS {name}" for name in ASSET_MEMBERS)
_NEWEST = f"max(a.{CURRENT}).value"


def render_assets(wanted: AssetFilter) -> Statement:
    """Whole assets by id; see `AssetReader.assets`."""
    args = Arguments()
    where = [f"a.tenant = {args.text(wanted.tenant)}", "a.version = ''"]
    where.append(f"a.asset_id > {args.text(wanted.after)}")
    if wanted.asset_id is not None:
        where.append(f"a.asset_id = {args.text(wanted.asset_id)}")
    sql = (
        f"SELECT a.tenant AS tenant, a.asset_id AS asset_id, {_NEWEST} AS version, {_MEMBERS}, "
        "min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen "
        f"FROM assets AS a WHERE {' AND '.join(where)} GROUP BY a.tenant, a.asset_id "
        f"HAVING {_having(wanted, args)} ORDER BY a.asset_id LIMIT {int(wanted.limit)}"
    )
    return Statement(sql, args.values)


def _having(wanted: AssetFilter, args: Arguments) -> str:
    texts = {name: getattr(wanted, name) for name in ("asset_type", "status", "owner")}
    parts = [f"max(a.{n}).value = {args.text(t)}" for n, t in texts.items() if t is not None]
    if wanted.tag is not None:
        tags = "JSONExtract(max(a.tags).value, 'Array(String)')"
        parts.append(f"has({tags}, {args.text(wanted.tag)})")
    if wanted.name_prefix:
        parts.append(f"startsWith(max(a.name).value, {args.text(wanted.name_prefix)})")
    return " AND ".join(parts) or "1"


def render_versions(wanted: VersionFilter) -> Statement:
    """Versions of an asset, newest first; see `AssetReader.asset_versions`."""
    args = Arguments()
    tenant, asset_id = args.text(wanted.tenant), args.text(wanted.asset_id)
    of_asset = f"a.tenant = {tenant} AND a.asset_id = {asset_id}"
    newest = f"(SELECT {_NEWEST} FROM assets AS a WHERE {of_asset} AND a.version = '')"
    place = ""
    if wanted.before is not None:
        moment, version = wanted.before
        place = f"AND (first_seen, shown) < ({args.moment(moment)}, {args.text(version)}) "
    sql = (
        f"SELECT {tenant} AS tenant, {asset_id} AS asset_id, "
        f"if(a.version = '', {newest}, a.version) AS shown, {_MEMBERS}, "
        "minIf(a.first_seen, a.version != '') AS first_seen, max(a.last_seen) AS last_seen "
        f"FROM assets AS a WHERE {of_asset} GROUP BY shown "
        f"HAVING countIf(a.version != '') > 0 {place}"
        f"ORDER BY first_seen DESC, shown DESC LIMIT {int(wanted.limit)}"
    )
    return Statement(f"SELECT *, shown AS version FROM ({sql})", args.values)
