using System.Diagnostics.Metrics;

namespace EventSourcing.PostgreSql;

/// <summary>How many statements a data source has run, by the driver's own metrics.</summary>
internal sealed class StatementCount : IDisposable
{
    private readonly MeterListener listener = new();
    private long count;

    /// <summary>Begins to count.</summary>
    /// <param name="dataSource">The name of the data source.</param>
    public StatementCount(string dataSource)
    {
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument is { Meter.Name: "Npgsql", Name: "db.client.operation.duration" })
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "db.client.connection.pool.name", Value: string name } && name == dataSource)
                {
                    Interlocked.Increment(ref count);
                }
            }
        });
        listener.Start();
    }

    public long Count => Interlocked.Read(ref count);

    public void Dispose() => listener.Dispose();
}
