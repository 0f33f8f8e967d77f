using System.Globalization;

namespace EventSourcing.Crash;

/// <summary>What a child process is to be.</summary>
/// <param name="Schema">The store's schema.</param>
/// <param name="Version">The version of its projections.</param>
/// <param name="Spread">How many small projections to run instead of the usual ones; 0 for those.</param>
/// <param name="Writers">How many writers append from the start.</param>
/// <param name="Seed">Of what it writes.</param>
internal sealed record ChildOptions(string Schema, int Version = 1, int Spread = 0, int Writers = 0, int Seed = 0)
{
    /// <summary>The environment variable with the connection string: not for everybody's eyes, as a command line is.</summary>
    public const string ConnectionVariable = "EVENTSOURCING_CRASH_CONNECTION";

    public IEnumerable<string> Arguments =>
        ["child", Schema, .. new[] { Version, Spread, Writers, Seed }.Select(number => number.ToString(CultureInfo.InvariantCulture))];

    public static ChildOptions Parse(IReadOnlyList<string> arguments)
    {
        var numbers = arguments.Skip(1).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new ChildOptions(arguments[0], numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
