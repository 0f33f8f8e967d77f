using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>Tells once that the end of the log cannot be read, and once that it can again. For one caller at a time.</summary>
internal sealed class TailOutage(ILogger logger)
{
    private bool isOut;

    public void Began(Exception failure)
    {
        if (!isOut)
        {
            isOut = true;
            Log.TailLost(logger, failure);
        }
    }

    public void Replaced(CheckpointAheadOfLogException replaced) => Log.LogReplaced(logger, replaced);

    public void Ended()
    {
        if (isOut)
        {
            isOut = false;
            Log.TailBack(logger);
        }
    }
}
