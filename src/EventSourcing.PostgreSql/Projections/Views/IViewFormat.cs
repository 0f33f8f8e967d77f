using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>How a view is kept in a row, beside its key.</summary>
internal interface IViewFormat<TView>
    where TView : class
{
    /// <summary>The columns beside the key, quoted.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Their types.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>Adds one array for each column.</summary>
    void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<TView> views);

    /// <summary>The view of a row whose first column is the key.</summary>
    TView Read(NpgsqlDataReader row);
}
