using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing.Torture;

/// <summary>A fingerprint of events in the order in which they came.</summary>
internal sealed class ReadPrint : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public int Count { get; private set; }

    public void Add(RecordedEvent one) =>
        Add(one.Position.Value, one.Version.Value, Fingerprint.Of(one.Type, one.Data.Span, one.Metadata.Span));

    /// <summary>Of a replay, which has no metadata.</summary>
    public void Add(ReplayedEvent one) => Add(one.Position.Value, one.Version.Value, string.Empty);

    public void Add(StoredEvent one, bool isReplay) => Add(one.Position, one.Version, isReplay ? string.Empty : one.Print);

    public string End() => Convert.ToHexString(hash.GetHashAndReset(), 0, 8);

    public void Dispose() => hash.Dispose();

    private void Add(long position, long version, string print)
    {
        Count++;
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{position} {version} {print}\n")));
    }
}
