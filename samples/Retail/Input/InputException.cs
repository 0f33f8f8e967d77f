namespace Retail.Input;

/// <summary>The input cannot be used; the message says where and why.</summary>
public sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
