using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventSourcing;

/// <summary>Puts the values back into stored JSON, or what stands for them once their subject is forgotten.</summary>
internal sealed class PersonalReading(SubjectKeys keys)
{
    // Within one another only where data of one subject holds another's; written by us it ends long before.
    private const int MaxNesting = 64;

    private readonly byte[] forgottenText = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(keys.ForgottenText)}\"");

    /// <summary>Whether JSON holds personal data.</summary>
    public static bool IsIn(ReadOnlySpan<byte> json) => PersonalMarker.IndexIn(json) >= 0;

    /// <summary>The JSON with all values in their places.</summary>
    /// <exception cref="PersonalDataException">A key is missing or does not fit, or the data is damaged.</exception>
    /// <exception cref="EventStoreUnavailableException">The keys cannot be reached.</exception>
    public ReadOnlySpan<byte> Reveal(ReadOnlySpan<byte> json) => Reveal(json, nesting: 0);

    /// <summary>The subjects whose keys reading this asks for and which are not at hand.</summary>
    public void AddMissing(ReadOnlySpan<byte> json, ref HashSet<string>? subjects)
    {
        for (var at = PersonalMarker.IndexIn(json); at >= 0; at = PersonalMarker.IndexIn(json))
        {
            PersonalMarker.Read marker;
            try
            {
                marker = PersonalMarker.ReadAt(json[at..]);
            }
            catch (PersonalDataException)
            {
                return; // told when it is read
            }

            if (keys.Find(marker.Subject) is null)
            {
                (subjects ??= new HashSet<string>(StringComparer.Ordinal)).Add(marker.Subject);
            }

            json = json[(at + marker.Length)..];
        }
    }

    private ReadOnlySpan<byte> Reveal(ReadOnlySpan<byte> json, int nesting)
    {
        var at = PersonalMarker.IndexIn(json);
        if (at < 0)
        {
            return json;
        }

        if (nesting > MaxNesting)
        {
            throw new PersonalDataException("Personal data is nested too deeply.");
        }

        var revealed = new ArrayBufferWriter<byte>(json.Length);
        for (; at >= 0; at = PersonalMarker.IndexIn(json))
        {
            revealed.Write(json[..at]);
            json = json[at..];
            var marker = PersonalMarker.ReadAt(json);
            revealed.Write(ValueOf(marker, json, nesting));
            json = json[marker.Length..];
        }

        revealed.Write(json);
        return revealed.WrittenSpan;
    }

    private ReadOnlySpan<byte> ValueOf(PersonalMarker.Read marker, ReadOnlySpan<byte> json, int nesting)
    {
        var key = keys.Load(marker.Subject);
        if (key.IsForgotten)
        {
            return marker.Forgotten is { } range ? json[range] : forgottenText;
        }

        try
        {
            var text = new Utf8JsonReader(json[marker.Data]);
            text.Read();
            return text.TryGetBytesFromBase64(out var encrypted)
                ? Reveal(key.Decrypt(encrypted), nesting + 1)
                : throw new PersonalDataException($"Personal data of subject '{marker.Subject}' is damaged: it is not base64.", marker.Subject);
        }
        catch (CryptographicException unfit)
        {
            throw new PersonalDataException($"Personal data of subject '{marker.Subject}' cannot be decrypted: what is stored was changed, or is another subject's.", marker.Subject, unfit);
        }
    }
}
