using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A row from which a view is made.</summary>
public readonly struct ViewRow
{
    private readonly NpgsqlDataReader reader;

    internal ViewRow(NpgsqlDataReader reader) => this.reader = reader;

    /// <summary>The view's key.</summary>
    public string Key => reader.GetString(0);

    /// <summary>The value of a column.</summary>
    /// <typeparam name="TValue">The type that the column was mapped with.</typeparam>
    /// <param name="column">The column's name.</param>
    public TValue Get<TValue>(string column)
    {
        var ordinal = reader.GetOrdinal(column);
        return reader.IsDBNull(ordinal) && default(TValue) is null ? default! : reader.GetFieldValue<TValue>(ordinal);
    }
}
