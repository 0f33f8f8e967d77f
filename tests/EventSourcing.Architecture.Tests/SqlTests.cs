using System.Text.RegularExpressions;
using EventSourcing.TestInfrastructure;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Architecture;

/// <summary>What is written into the text of a statement is checked or made here; every value is a parameter.</summary>
public sealed partial class SqlTests
{
    /// <summary>Our own text and numbers, made nowhere but in the source.</summary>
    private static readonly string[] Approved =
    [
        // Lists of columns, and parts of statements.
        "Bounds", "Columns", "Columns(format)", "DurableCommit", "(after is null ? \">=\" : \">\")", "MessageColumns", "IdleBound", "fence", "sql.Demote", "sql.LockAll",
        "BoundaryKeys.Taken(schema)",
        "Lease(schema)", "LeasedPage.Fence(schema)", "LeasedPage.Fence(store.SchemaName)", "Answer", "Filter", "From(\"events\")", "From(\"archived_events\")", "columns", "order", "limit",
        "Outcome(schema, first: 3)", "Outcome(schema, first: 7)", "condition", "filter", "letters",
        "ViewSql.Keep(format, table, first: 14, condition: \"exists (select from fence)\")",
        "AuditIndex.Columns(schema, key)", "array", "value",
        "string.Join(\", \", Columns.Split(\", \").Select(column => $\"m.{column}\"))",

        // The columns of a view: names checked as SchemaName checks them, types of a fixed list.
        "string.Join(\", \", columns)",
        "string.Join(\", \", format.Columns.Select(name => $\"{name} = excluded.{name}\"))",
        "string.Join(\", \", format.Types.Select((type, i) => $\"${first + 1 + i}::{type}[]\"))",

        // Tables in a schema whose name is checked and quoted.
        "Serving", "TableOf(lease)", "table", "index", "part", "whole",

        // Tables of another system: names that are quoted, and columns that are named in the source and were looked up.
        "quoted", "ForeignShape.Qualified(table)", "table.Position", "PageRows - 1", "Others()", "Summaries[0]", "Summaries[1]",
        "archivedEvent", "archivedStream", "sameStream", "stream", "type", "string.Join(\", \", keys.Prepend(\"stream_id\"))",
        "Column(\"causation_id\")", "Column(\"correlation_id\")", "Column(\"headers\")", "Column(\"mt_dotnet_type\")", "Column(\"tenant_id\")", "Column(\"user_name\")",
        "(TellsTenantsApart ? \"e.tenant_id\" : \"e.any_tenant\")", "(events.Has(\"bdata\") ? \"e.bdata is not null\" : \"false\")",
        "(events.Has(\"is_archived\") ? \"is_archived\" : \"false\")", "(events.Has(\"tenant_id\") ? \"tenant_id\" : \"null\")",

        // Numbers.
        "(int)Patience.TotalMilliseconds", "PruneAtOnce", "Version", "first", "from", "to",
        "P(0)", "P(1)", "P(2)", "P(3)", "P(4)", "P(5)", "P(6)", "P(7)", "P(8)", "P(9)", "P(10)", "P(11)",
    ];

    [Fact]
    public void Nothing_is_written_into_a_statement_but_checked_names_and_our_own_text()
    {
        var written = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in Packages.SourceFiles().Where(file => file.Contains("EventSourcing.PostgreSql", StringComparison.Ordinal)))
        {
            foreach (var text in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<InterpolatedStringExpressionSyntax>().Where(IsSql))
            {
                written.UnionWith(text.Contents.OfType<InterpolationSyntax>().Select(hole => hole.Expression.ToString()).Where(hole => !Checked().IsMatch(hole)));
            }
        }

        written.Should().HaveCountGreaterThan(20, "the statements are found");
        written.Except(Approved).Should().BeEmpty("only what is checked or our own may stand in the text of a statement: take a parameter, or add it here with its reason");
        Approved.Except(written).Should().BeEmpty("it is not needed any more");
    }

    /// <summary>Names that are checked and quoted, and keys of locks, which are numbers.</summary>
    [GeneratedRegex(@"(^|\.)Quoted$|^ReadModelSchema\.Quoted\(|^channel\.Name$|(BoardLock|BoundaryLock|AppendLockClass|AppendLockObject)\)?$")]
    private static partial Regex Checked();

    private static bool IsSql(InterpolatedStringExpressionSyntax text) =>
        text.Contents.OfType<InterpolatedStringTextSyntax>().Any(part => Statement().IsMatch(part.TextToken.Text))
        && !text.Ancestors().OfType<ObjectCreationExpressionSyntax>().Any(made => made.Type.ToString().EndsWith("Exception", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(select|insert|update|delete|create|drop|alter|copy|listen|set|from|where|truncate|lock)\b")]
    private static partial Regex Statement();
}
