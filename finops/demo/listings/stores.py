"""RDS, ElastiCache, DynamoDB, OpenSearch, MSK, Redshift and EFS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, Listing, Page, listing_answers, refuse_unknown
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_PAGE = Page("Marker", "Marker", "MaxRecords", usual=100, least=20, most=100, code="InvalidParameterValue")
_KAFKA_PAGE = Page(code="BadRequestException")
_EFS_PAGE = Page("Marker", "NextMarker", "MaxItems", usual=100, most=1000, cap=100, code="BadRequest")
DOMAINS_AT_MOST, TABLES_AT_MOST = 5, 100

LISTINGS = (
    Listing("rds", "DescribeDBInstances", "rds:db", "DBInstances", _PAGE),
    Listing("rds", "DescribeDBClusters", "rds:cluster", "DBClusters", _PAGE),
    Listing("rds", "DescribeDBSnapshots", "rds:snapshot", "DBSnapshots", _PAGE),
    Listing("rds", "DescribeDBClusterSnapshots", "rds:cluster-snapshot", "DBClusterSnapshots", _PAGE),
    Listing("elasticache", "DescribeCacheClusters", "elasticache:cluster", "CacheClusters", _PAGE),
    Listing("redshift", "DescribeClusters", "redshift:cluster", "Clusters", _PAGE),
    Listing("kafka", "ListClustersV2", "kafka:cluster", "ClusterInfoList", _KAFKA_PAGE),
    Listing("efs", "DescribeFileSystems", "efs:filesystem", "FileSystems", _EFS_PAGE),
    Listing(
        "opensearch",
        "ListDomainNames",
        "opensearch:domain",
        "DomainNames",
        shown=lambda one: {"DomainName": one.id, "EngineType": "OpenSearch"},
    ),
)


def answers(census: Census) -> dict[tuple[str, str], Answer]:
    """The answers of these services."""
    desk = Described(census)
    return {
        **listing_answers(LISTINGS, census),
        ("dynamodb", "ListTables"): desk.tables,
        ("dynamodb", "DescribeTable"): desk.table,
        ("opensearch", "DescribeDomains"): desk.domains,
    }


@dataclass(frozen=True, slots=True)
class Described:
    """Answers about tables and domains that the caller names."""

    census: Census

    def tables(self, request: Request) -> dict[str, Any]:
        """Names of tables after one of them: DynamoDB's token is the last name of the page before."""
        names = [one.id for one in self._at(request, "dynamodb:table")]
        after = request.params.get("ExclusiveStartTableName", "")
        rest = [name for name in names if name > after]
        size = request.params.get("Limit", TABLES_AT_MOST)
        if size > TABLES_AT_MOST:
            raise aws_error("ValidationException", f"Limit must be at most {TABLES_AT_MOST}")
        more = {"LastEvaluatedTableName": rest[size - 1]} if len(rest) > size else {}
        return {"TableNames": rest[:size], **more}

    def table(self, request: Request) -> dict[str, Any]:
        """One table; ResourceNotFoundException without it."""
        name = request.params["TableName"]
        for one in self._at(request, "dynamodb:table"):
            if name in {one.id, one.arn}:
                return {"Table": dict(one.item)}
        raise aws_error("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")

    def domains(self, request: Request) -> dict[str, Any]:
        """Up to five domains; those that do not exist are left out."""
        refuse_unknown(request, ("DomainNames",))
        names = request.params["DomainNames"]
        if len(names) > DOMAINS_AT_MOST:
            raise aws_error("ValidationException", "Please provide a maximum of 5 domain names to describe.")
        found = {one.id: one for one in self._at(request, "opensearch:domain")}
        return {"DomainStatusList": [dict(found[name].item) for name in names if name in found]}

    def _at(self, request: Request, kind: str) -> Sequence[Resource]:
        return self.census.today().at(kind, request.account, request.region)
