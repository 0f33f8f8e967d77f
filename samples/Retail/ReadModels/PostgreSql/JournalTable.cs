using System.Text.Json;
using EventSourcing;
using EventSourcing.PostgreSql;
using Retail.Events;

namespace Retail.ReadModels.PostgreSql;

/// <summary>Keeps the counts as one document: loaded with each page, changed in memory, written back.</summary>
public sealed class JournalTable : PostgreSqlProjection
{
    private Journal journal = new();

    /// <summary>Declares the handler.</summary>
    public JournalTable(PostgreSqlEventStore store)
        : base("journal", store) => On<InvoiceLine>((line, envelope, _) =>
        {
            journal.Add(line, envelope.Recorded.Type, envelope.Version == new StreamVersion(1));
            return Task.CompletedTask;
        });

    /// <inheritdoc/>
    protected override Task SetUpAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync("""
        create table if not exists journal (
          only_row boolean primary key default true check (only_row),
          document text not null
        )
        """);

    /// <inheritdoc/>
    protected override async Task BeginPageAsync(ProjectionTransaction transaction)
    {
        var documents = await transaction.QueryAsync<string>("select document from journal");
        journal = documents is [var document] ? JsonSerializer.Deserialize<Journal>(document)! : new Journal();
    }

    /// <inheritdoc/>
    protected override Task CompletePageAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync(
        """
        insert into journal (document) values (@Document)
        on conflict (only_row) do update set document = excluded.document
        """,
        new { Document = JsonSerializer.Serialize(journal) });
}
