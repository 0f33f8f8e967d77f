using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A view in the columns that its projection maps.</summary>
internal sealed class ColumnFormat<TView> : IViewFormat<TView>
    where TView : class
{
    private readonly ViewColumns<TView> columns = new();
    private readonly Func<ViewRow, TView> make;

    public ColumnFormat(IViewColumns<TView> mapped)
    {
        mapped.Map(columns);
        make = columns.Make ?? throw new ArgumentException($"{mapped.GetType().FullName} does not say how a view is made from its row: call From.", nameof(mapped));
        if (columns.All.Count == 0)
        {
            throw new ArgumentException($"{mapped.GetType().FullName} maps no column.", nameof(mapped));
        }

        Columns = [.. columns.All.Select(column => $"\"{column.Name}\"")];
        Types = [.. columns.All.Select(column => column.Type)];
    }

    public IReadOnlyList<string> Columns { get; }

    public IReadOnlyList<string> Types { get; }

    public void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<TView> views)
    {
        foreach (var column in columns.All)
        {
            column.Bind(parameters, views);
        }
    }

    public TView Read(NpgsqlDataReader row) => make(new ViewRow(row));
}
