using System.Diagnostics.CodeAnalysis;

namespace EventSourcing;

/// <summary>
/// The broker did not take over every message of a call. What it did take may be seen by consumers now, and a second time when
/// the call is repeated.
/// </summary>
public sealed class MessagePublishingException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What failed and what to check.</param>
    /// <param name="refusedMessageId">The message that was refused for its own sake, or null where nothing is wrong with the
    /// messages.</param>
    /// <param name="inner">The failure of the connection.</param>
    public MessagePublishingException(string message, Guid? refusedMessageId = null, Exception? inner = null)
        : base(message, inner) =>
        RefusedMessageId = refusedMessageId;

    /// <summary>
    /// True: nothing is wrong with the messages; wait and publish all of them again, as often as it takes. False: publishing
    /// the same again ends the same until somebody changes the broker's configuration or sets the refused message aside.
    /// </summary>
    [MemberNotNullWhen(false, nameof(RefusedMessageId))]
    public bool IsTransient => RefusedMessageId is null;

    /// <summary>The first message that the broker refused for its own sake, for instance because no queue takes its topic; null
    /// where the failure is passing.</summary>
    public Guid? RefusedMessageId { get; }
}
