using System.Text.Json;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Reads rows of the library's own tables, in which somebody else may have written.</summary>
internal static class StoredRow
{
    /// <summary>What a row holds.</summary>
    /// <param name="row">The row.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="name">Says which row it is, of columns that always can be read.</param>
    /// <exception cref="DamagedDataException">It cannot be read.</exception>
    public static T Read<T>(NpgsqlDataReader row, Func<NpgsqlDataReader, T> read, Func<NpgsqlDataReader, string> name)
    {
        try
        {
            return read(row);
        }
        catch (Exception unreadable) when (IsOfTheRow(unreadable))
        {
            throw new DamagedDataException($"{name(row)} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>A name that is none, a negative number, a time before the calendar, JSON of another shape.</summary>
    public static bool IsOfTheRow(Exception failure) =>
        failure is ArgumentException or FormatException or InvalidCastException or InvalidOperationException or OverflowException or JsonException;
}
