using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>The columns that a view is kept in.</summary>
/// <typeparam name="TView">The view.</typeparam>
public sealed class ViewColumns<TView>
    where TView : class
{
    private static readonly Dictionary<Type, (string Name, NpgsqlDbType Type)> ServerTypes = new()
    {
        [typeof(string)] = ("text", NpgsqlDbType.Text),
        [typeof(bool)] = ("boolean", NpgsqlDbType.Boolean),
        [typeof(short)] = ("smallint", NpgsqlDbType.Smallint),
        [typeof(int)] = ("integer", NpgsqlDbType.Integer),
        [typeof(long)] = ("bigint", NpgsqlDbType.Bigint),
        [typeof(double)] = ("double precision", NpgsqlDbType.Double),
        [typeof(decimal)] = ("numeric", NpgsqlDbType.Numeric),
        [typeof(Guid)] = ("uuid", NpgsqlDbType.Uuid),
        [typeof(DateOnly)] = ("date", NpgsqlDbType.Date),
        [typeof(DateTimeOffset)] = ("timestamptz", NpgsqlDbType.TimestampTz),
        [typeof(TimeSpan)] = ("interval", NpgsqlDbType.Interval),
        [typeof(byte[])] = ("bytea", NpgsqlDbType.Bytea),
    };

    private readonly List<(string Name, string Type, Action<NpgsqlParameterCollection, IReadOnlyList<TView>> Bind)> columns = [];

    internal ViewColumns()
    {
    }

    internal IReadOnlyList<(string Name, string Type, Action<NpgsqlParameterCollection, IReadOnlyList<TView>> Bind)> All => columns;

    internal Func<ViewRow, TView>? Make { get; private set; }

    /// <summary>Adds a column of the type that fits the value: text, boolean, smallint, integer, bigint, double precision, numeric, uuid,
    /// date, timestamptz (in UTC), interval or bytea; nullable ones too.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <param name="name">The column's name: lower-case letters, digits and underscores, not <c>key</c>.</param>
    /// <param name="value">Takes the value from a view.</param>
    /// <returns>These columns.</returns>
    /// <exception cref="ArgumentException">The name is taken or not one that the library takes, or there is no column type for the value.</exception>
    public ViewColumns<TView> Column<TValue>(string name, Func<TView, TValue> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _ = new SchemaName(name);
        if (name == "key" || columns.Exists(column => column.Name == name))
        {
            throw new ArgumentException($"There is a column '{name}' already.", nameof(name));
        }

        var type = Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue);
        var server = ServerTypes.TryGetValue(type, out var known)
            ? known
            : throw new ArgumentException($"There is no column type for {typeof(TValue).FullName}.", nameof(value));
        columns.Add((name, server.Name, (parameters, views) => parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Array | server.Type,
            Value = ServerValues(views.Select(value)),
        })));
        return this;
    }

    /// <summary>The server keeps a moment, not where the clock hung: the driver refuses others than UTC.</summary>
    private static Array ServerValues<TValue>(IEnumerable<TValue> values) => values switch
    {
        IEnumerable<DateTimeOffset> times => times.Select(time => time.ToUniversalTime()).ToArray(),
        IEnumerable<DateTimeOffset?> times => times.Select(time => time?.ToUniversalTime()).ToArray(),
        _ => values.ToArray(),
    };

    /// <summary>How a view is made from its row: needed, because a page's views are loaded before they are folded on.</summary>
    /// <param name="make">Makes the view.</param>
    public void From(Func<ViewRow, TView> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Make = make;
    }
}
