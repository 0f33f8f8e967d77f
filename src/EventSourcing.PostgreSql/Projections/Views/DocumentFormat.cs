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
}
