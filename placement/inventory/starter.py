"""The commented inventory that `placement init` writes; it advises as it stands."""

from __future__ import annotations

STARTER = """\
# yaml-language-server: $schema=inventory.schema.json
# What you have and what you need. Then: placement advise inventory.yaml
# Editors complete and check this file with: placement schema inventory --output inventory.schema.json
# Month = 730 h, money is USD, GB are decimal. Only schema_version, name and workloads are required.
schema_version: 1
name: My company
horizon_months: 36 # commitments that outlast it are charged in full

# Where users and data are. A city the catalog knows, or `country` with `latitude` and `longitude`.
locations:
  headquarters: {city: Frankfurt}
  plant: {city: Hamburg}
  customers-us: {city: New York}

# Own places that can host accelerators: on_prem, colo (give usd_per_kw_month) or edge (beside its users).
sites:
  server-room:
    tier: on_prem
    location: headquarters
    power_kw: 40
    certifications: [ISO 27001]
    hardware: # nodes that are there; capex_usd is what is left to write off
      - {node: dgx-h100, nodes: 1, capex_usd: 120000, life_months: 36}
  plant-cabinet: {tier: edge, location: plant, power_kw: 6, certifications: [ISO 27001]}

# Data with a home: moving it to the accelerators is priced by the sender's tariff.
datasets:
  tickets: {size_gb: 8000, home: aws/eu-central-1} # a location, an own site or `provider/site`

# Rules and rates for everything. No price outvotes a rule.
policies:
  certifications: [ISO 27001] # every site needs it
  certification_evidence: audited # a provider's word (claimed) is not enough
  community_hosts: false # no strangers' machines
  allowed_countries: [EEA, US]
  discount_rate_fraction: 0.08

workloads:
  # Demand: accelerators × hours a month (or utilization_fraction). With a throughput_class other accelerators are
  # compared at their measured speed; without it only the one named is considered.
  - id: chat
    kind: inference # training, fine_tuning, inference, batch, experimentation: shown in the plan, decides nothing
    demand:
      accelerators:
        {model: H100-SXM, count: 8, utilization_fraction: 1.0, accelerators_per_replica: 2,
         throughput_class: inference-llm-dense}
    users: [{location: headquarters, share_fraction: 0.6}, {location: customers-us, share_fraction: 0.4}]
    slo: {rtt_ms: 150, percentile: 95} # network round trip for 95 % of the traffic
    data_out: [{to: headquarters, gb_per_month: 200}]
    current: {site: aws/us-east-1, purchase: on_demand, monthly_cost_usd: 40179} # what it costs today

  - id: fine-tuning
    kind: fine_tuning
    demand: {accelerators: {model: H100-SXM, count: 8, hours_per_month: 60, accelerators_per_replica: 8}}
    data_in: [{from: tickets, gb_per_month: 500}]
    interruptible: true # it checkpoints: spot is allowed
    residency: [EU] # compute may be in these countries or groups only

  - id: inspection
    kind: inference
    demand: {accelerators: {model: Jetson-AGX-Orin-64GB, count: 12, utilization_fraction: 1.0}}
    users: [{location: plant}]
    offline: true # it has to work without any network

# What must hold, tested by: placement check inventory.yaml. The plan does not depend on it.
expect:
  - {name: Everything has a place, placed: true, max_total_monthly_cost_usd: 15000}
  - {name: Tickets never leave Europe, workload: fine-*, countries: [EEA, CH]}
  - {kind: inference, max_rtt_ms: 150}
"""
