using System.Text.Json;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A view that the serializer cannot write, or that the server does not take: U+0000 in a document for instance.</summary>
internal static class ViewErrors
{
    public static async Task<T> TranslateAsync<T>(string projection, Func<Task<T>> write)
    {
        try
        {
            return await write().ConfigureAwait(false);
        }
        catch (Exception unfit) when (unfit is JsonException or NotSupportedException || IsOfTheData(unfit))
        {
            throw new InvalidOperationException($"A view of '{projection}' cannot be kept: {unfit.Message}", unfit);
        }
    }

    /// <summary>Classes 22 and 54: data exceptions, and limits of the server.</summary>
    private static bool IsOfTheData(Exception failure) => failure is PostgresException { SqlState: var state }
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal));
}
