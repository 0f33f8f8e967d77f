using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>A view as a JSON document.</summary>
internal sealed class DocumentFormat<TView>(EventSerializer serializer) : IViewFormat<TView>
    where TView : class
{
    public IReadOnlyList<string> Columns => ["data"];

    public IReadOnlyList<string> Types => ["jsonb"];

    public void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<TView> views)
    {
        var documents = new byte[views.Count][];
        for (var i = 0; i < documents.Length; i++)
        {
            documents[i] = serializer.SerializeView(views[i]);
            ThrowIfRefused(documents[i]);
        }

        parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = documents, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb });
    }

    public TView Read(NpgsqlDataReader row)
    {
        try
        {
            return serializer.DeserializeView<TView>(row.GetFieldValue<byte[]>(1));
        }
        catch (JsonException unreadable)
        {
            throw new InvalidOperationException(
                $"The view '{row.GetString(0)}' is kept in a form that {typeof(TView).FullName} does not fit: raise the projection's version.", unreadable);
        }
    }

    /// <summary>The server's own refusal would quote the document, and stand in a log.</summary>
    private static void ThrowIfRefused(ReadOnlySpan<byte> document)
    {
        var zero = "\\u0000"u8;
        for (var rest = document; rest.IndexOf(zero) is >= 0 and var at; rest = rest[(at + zero.Length)..])
        {
            // A backslash that is itself escaped begins no escape.
            var before = rest[..at];
            var backslashes = before.Length - (before.LastIndexOfAnyExcept((byte)'\\') + 1);
            if (backslashes % 2 == 0)
            {
                throw new JsonException("it holds the character U+0000, which the server takes in no document; leave it out where the event is applied.");
            }
        }
    }
}
