using EventSourcing;
using EventSourcing.Testing;
using Retail.Events;

namespace Retail;

/// <summary>What a shop has stored is for good.</summary>
public sealed class EventCatalogueTests
{
    [Fact]
    public void Stored_contracts_are_as_approved() =>
        EventCatalogue.Of(typeof(LineSold).Assembly).ShouldBeApprovedIn("events.approved.json");
}
