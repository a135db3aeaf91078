"""The hub's own templates: what happened, how bad it is, since when, and where to look.

They are of the language that users write theirs in, and take nothing else than those may.
"""

TITLE = """\
{% if firing %}{{ level|upper }}: {{ firing[0].alert }}
{%- for name, value in group|dictsort if name != "alertname" %}, {{ name }}={{ value }}{% endfor %}
{%- if total > 1 %} ({{ firing_count }} firing
{%- if resolved_count %}, {{ resolved_count }} resolved{% endif %}
{%- if total > firing_count + resolved_count %}, {{ total - firing_count - resolved_count }} more
{%- endif %}){% endif %}
{%- else %}RESOLVED: {{ resolved[0].alert if resolved else route }}
{%- for name, value in group|dictsort if name != "alertname" %}, {{ name }}={{ value }}{% endfor %}
{%- if total > 1 %} ({{ total }}){% endif %}{% endif %}
{%- if cause == "test" %} (test){% elif cause == "escalated" %} (nobody acknowledged){% endif %}
"""

BODY = """\
{% for one in firing -%}
{{ (one.level or one.phase)|upper }}{% if one.phase == "no_data" %} (no data){% endif %}: {{ one.summary }}
{% if one.value %}Value: {{ one.value }}{% if one.limit %}, limit {{ one.limit }}{% endif %}
{% endif %}{% for name, text in one.facts|dictsort %}{{ name|capitalize }}: {{ text }}
{% endfor %}{% if one.count %}Events: {{ one.count }}
{% endif %}Since: {{ one.since }}
{% if one.description %}{{ one.description }}
{% endif %}{% if one.labels %}Labels:{% for name, value in one.labels|dictsort %} {{ name }}={{ value }}{% endfor %}
{% endif %}{% if one.runbook %}Runbook: {{ one.runbook }}
{% endif %}{% if one.url %}{{ one.url }}
{% endif %}
{% endfor -%}
{% for one in resolved -%}
RESOLVED: {{ one.summary }}
From {{ one.since }}{% if one.until %} until {{ one.until }}{% endif %}
{% if one.url %}{{ one.url }}
{% endif %}
{% endfor -%}
{% if left_out %}And {{ left_out }} more that are not listed.
{% endif -%}
{% if group %}Group:{% for name, value in group|dictsort %} {{ name }}={{ value }}{% endfor %}
{% endif -%}
Route: {{ route }} ({{ cause }})
"""

HTML = """\
<!doctype html>
<html><body style="font-family: sans-serif; color: #222">
{% for one in firing -%}
<h3 style="color: {{ "#b00020" if one.level == "critical" else "#8a5a00" }}; margin-bottom: 4px">
{{ (one.level or one.phase)|upper }}{% if one.phase == "no_data" %} (no data){% endif %}: {{ one.summary }}</h3>
<p>{% if one.value %}Value: <b>{{ one.value }}</b>{% if one.limit %}, limit {{ one.limit }}{% endif %}<br>
{% endif %}{% for name, text in one.facts|dictsort %}{{ name|capitalize }}: {{ text }}<br>
{% endfor %}{% if one.count %}Events: <b>{{ one.count }}</b><br>
{% endif %}Since: {{ one.since }}<br>
{% if one.description %}{{ one.description }}<br>
{% endif %}{% for name, value in one.labels|dictsort %}<code>{{ name }}={{ value }}</code> {% endfor %}<br>
{% if one.url %}<a href="{{ one.url }}">Open the alert</a> {% endif %}
{%- if one.runbook %}<a href="{{ one.runbook }}">Runbook</a>{% endif %}</p>
{% endfor -%}
{% for one in resolved -%}
<h3 style="color: #1b6e2d; margin-bottom: 4px">RESOLVED: {{ one.summary }}</h3>
<p>From {{ one.since }}{% if one.until %} until {{ one.until }}{% endif %}
{%- if one.url %}<br><a href="{{ one.url }}">Open the alert</a>{% endif %}</p>
{% endfor -%}
{% if left_out %}<p>And {{ left_out }} more that are not listed.</p>
{% endif -%}
<p style="color: #666">{% if group %}Group:{% for name, value in group|dictsort %} {{ name }}={{ value }}{% endfor %}<br>
{% endif %}Route: {{ route }} ({{ cause }})</p>
</body></html>
"""
