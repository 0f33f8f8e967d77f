namespace EventSourcing;

/// <summary>What a look at the chain of one stream has found.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Events">How many events fit their hash, up to the break where there is one.</param>
/// <param name="Unchained">How many events are before the beginning of the chain: nothing is known of those.</param>
/// <param name="FirstVersion">The version of the first event that is there; 0 where there is none. Above 1 where the stream was truncated:
/// what was before, no chain can tell.</param>
/// <param name="FirstBreak">Where the chain is broken first; null where it is not.</param>
/// <param name="Head">The end of the chain, to be kept elsewhere; null where it is broken, or there is none.</param>
public sealed record StreamVerification(
    StreamName Stream, long Events, long Unchained, StreamVersion FirstVersion, ChainBreak? FirstBreak, ChainHead? Head)
{
    /// <summary>Whether nothing was found to be wrong.</summary>
    public bool IsIntact => FirstBreak is null;
}
