using System.Globalization;

namespace EventSourcing.RabbitMq;

/// <summary>Messages for tests.</summary>
internal static class Messages
{
    public static PublicMessage New(string topic = "shop.order.placed", int number = 0) => new()
    {
        Id = Guid.CreateVersion7(),
        Topic = topic,
        Type = "order-placed.v1",
        Body = Body(number),
        OccurredAt = DateTimeOffset.UtcNow,
    };

    public static PublicMessage[] Many(int count, int first = 1) => [.. Enumerable.Range(first, count).Select(number => New(number: number))];

    public static byte[] Body(int number) => System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"number":{{number}}}"""));

    public static int Number(byte[] body) => System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("number").GetInt32();

    public static string NewExchange() => $"test.{Guid.NewGuid():N}";
}
