"""Sentences to train on, made by a small grammar from our own word lists. Deterministic from the seed.

Meaning does not matter; variety of sounds does: every third English item is a
row of invented syllables so that each consonant meets each vowel.
"""
import json
import pathlib
import random

_EN = {
    "who": "the baker|my brother|a young farmer|the pilot|our mayor|every child|the old fisherman|her mother|a famous painter|the bus driver|nobody|somebody|the woman over there|"
           "Bob|Pamela|Victor|Sophie|Mister Brown|Doctor Moore|the happy puppy|a big brown bear|the blue bird|my best friend|the wise judge|the shy boy|five people|both of them|"
           "the village choir|a funny monkey|the whole family|the chief|your neighbour|the teacher|a thirsty zebra|the youth|George|Emma|William|the royal guard".split("|"),
    "did": "bought|found|loved|painted|opened|moved|would build|should fix|never saw|always wanted|put away|brought|remembered|forgot|threw|washed|pushed|covered|shaved|polished|"
           "gave away|made|broke|followed|chose|enjoyed|imagined|measured|watched|pulled|heard|served|wrapped|believed in|hoped for|jumped over|whispered about|shouted at|waited for|offered".split("|"),
    "what": "a bowl of warm soup|the purple umbrella|five fresh fish|the wooden bridge|a beautiful poem|the broken piano|some apple pie|a huge pumpkin|the map of Europe|those three vases|"
            "a pair of blue shoes|the long voyage|an orange balloon|the movie about bees|a bottle of milk|the thin leather belt|many books|a few coins|the new computer|their garden wall|"
            "the yellow moon|a cup of tea|the south wind|a loud noise|good weather|the number seven|the toy robot|the fourth question|a cheap watch|the television|the fluffy pillow|"
            "the boat from Bombay|nothing at all|the voice of the people|an hour of peace|the zoo|your wonderful idea|a very small mouse|the church tower|more bread and butter|the winter jacket".split("|"),
    "where": "in the morning|by the river|before breakfast|at the market|above the clouds|behind the old barn|for half an hour|on Tuesday afternoon|without a word|near the harbour|"
             "with both hands|under the moon|from top to bottom|in the month of May|during the storm|around the world|beside the fire|after the show|as fast as possible|in a good mood|"
             "between two houses|at home|through the open window|over there|every Wednesday|next week|because of the rain|in front of everyone|with a smile|for free".split("|"),
    "adv": "maybe|of course|unfortunately|well|yesterday|suddenly|perhaps|luckily|in fact|by the way|today|however|believe me|oh|please note|for example|first of all|meanwhile|obviously|after all".split("|"),
    "ask": "how do you|why would we|when should they|where can I|could you please|do you really want to|who will|what if we|may I|would Bob and Pam".split("|"),
    "verb": "open the door|move the table|pay for the meal|find a job|swim in the pool|help my mother|buy a new bicycle|choose the right shoe|sing this song|walk through the forest|"
            "wash your hands|fly to Africa|meet the new boss|save the file|push the button|peel an apple|bake a cake|shave before work|judge the show|wait for the bus".split("|"),
}
_OWN = """Hello, and welcome to the show.
My name is Ava, and I am very happy to meet you.
How can I help you today?
The weather will be warm and bright, with a few clouds in the afternoon.
Please press the button, and then move the paper away from the lamp.
Papa bought a big bamboo pipe for Bobby's birthday.
Five very fine voices fill the village every evening.
We would like to show you our new flowers.
Who knew that you could use two blue spoons at noon?
She sees three green trees beside the sea.
My mother makes marmalade on most Monday mornings.
Thank you for your patience. Your order will arrive on Thursday.
That is a good question, let me think about it for a moment.
Sixty six sisters sit in the sunshine.
Charles just chose a large cheese sandwich for lunch.
Oh no, don't go home alone, the road is cold.
A rainbow is a band of colours that appears when the sun shines through the rain.
Peter and Barbara keep a map of the whole empire above the bed.
You owe us one hour of work.
Maybe the bumblebee may be in the oven, but I doubt it.
The price is twenty five dollars and ninety nine cents.
Good morning, good afternoon, and good night.
Our team built a robot that can see, hear and speak.
Zebras, giraffes, wolves and foxes live in the zoo.
I am sorry, I did not understand that. Could you say it again?
Yes. No. Maybe. Of course. Absolutely.
Wow, what a wonderful view of the valley!
One, two, three, four, five, six, seven, eight, nine, ten.
The quick brown fox jumps over the lazy dog.
Pack my box with five dozen jugs of liquid gold.
Jim helped me put up the lamp, but Abby pulled the plug.
The ship was made of thick timber and thin rope.
Both brothers breathe the smooth southern breeze.
You and I use a usual measure of pleasure.
Bring the young king a long strong string.
Wash the fish, push the bush, and brush the sheep.
A cold wind blew snow over the low window.
Father was calm and far from the hot car.
Boys enjoy noisy toys, and the oil is boiling.
How about a brown cow outside of our house now?""".split("\n")
_HELD = json.loads((pathlib.Path(__file__).parent / "held-out.json").read_text())
_OTHER = {
    "de": ("der Bäcker|meine Mutter|ein junger Pilot|die schöne Möwe|unser Nachbar|das kleine Mädchen|der böse Wolf|jeder Fuchs|Paul|die Bürgerin|ein müder Junge|meine Freundin",
           "kauft|findet|öffnet|liebt|baut|sucht|vergisst|malt|holt|prüft|wäscht|genießt",
           "fünf Äpfel|ein großes Haus|den blauen Hut|die Blumen im Garten|viel Brot und Butter|eine schwere Übung|das Buch über Vögel|die grüne Tür|schöne Musik|nichts Neues|zwei Paar Schuhe|den Weg zum Bahnhof",
           "am Morgen|mit Freude|vor dem Abendessen|in München|ohne Mühe|auf der Brücke|jeden Mittwoch|bei Regen|um halb vier|für immer"),
    "es": ("el panadero|mi hermano|una joven pintora|la abuela|el pájaro azul|nuestro vecino|Pablo|la profesora|un perro pequeño|mucha gente|el famoso poeta|tu amiga",
           "compra|busca|quiere|abre|pinta|olvida|mueve|guarda|ve|lleva|prueba|escucha",
           "un vaso de agua|la puerta verde|cinco libros viejos|una bolsa de pan|el mapa del mundo|muchas flores|la voz del mar|un barco blanco|la famosa película|su nuevo trabajo|una buena noticia|todo el pueblo",
           "por la mañana|en el mercado|sin prisa|cerca del río|con mucho amor|bajo la lluvia|todos los viernes|después de comer|en Bilbao|para siempre"),
    "it": ("il fornaio|mia madre|un giovane poeta|la bella farfalla|il nostro vicino|ogni bambino|Paolo|la professoressa|un uomo buono|il cuoco famoso|tutta la famiglia|la volpe",
           "compra|trova|apre|ama|dipinge|cerca|muove|beve|porta|prova|guarda|vuole",
           "un bicchiere di vino|la porta blu|cinque fiori|una borsa piccola|il vecchio ponte|molto pane|la voce del vento|un bel libro|la mappa di Bologna|due uova fresche|una buona pizza|tutto il mondo",
           "di mattina|al mercato|senza paura|vicino al fiume|con gioia|sotto la pioggia|ogni venerdì|prima di cena|a Verona|per sempre"),
    "fr": ("le boulanger|ma mère|un jeune peintre|la belle voisine|notre ami|chaque enfant|Paul|le vieux pêcheur|une femme heureuse|le petit oiseau|tout le monde|la reine",
           "achète|trouve|ouvre|aime|peint|cherche|pousse|oublie|veut|porte|voit|finit",
           "un verre de vin|la porte bleue|cinq pommes vertes|une bonne soupe|le beau village|deux œufs frais|la voix du peuple|un livre jaune|la fenêtre|beaucoup de fleurs|une chemise brune|le vieux pont",
           "le matin|au marché|sans peur|près du fleuve|avec joie|sous la pluie|tous les vendredis|avant le dîner|à Bordeaux|pour toujours"),
}
_ONSETS = "b p m f v w t d n l r s z sh ch j th k g h y br pl fl sm sp st tr gr bl fr sw".split()
_NUCLEI = "a ee oo oh ay eye ow oy ah er aw i e u o".split()
_CODAS = ["", "", "", "b", "p", "m", "f", "v", "th", "sh", "s", "n", "t", "l", "ck", "ch", "mp", "ng"]


def _invented(rng):
    word = lambda: "".join(rng.choice(_ONSETS) + rng.choice(_NUCLEI) for _ in range(rng.randint(1, 2))) + rng.choice(_CODAS)
    return " ".join(word() for _ in range(rng.randint(4, 8))) + "."


def _english(rng):
    w = {k: rng.choice(v) for k, v in _EN.items()}
    who2, what2 = rng.choice(_EN["who"]), rng.choice(_EN["what"])
    form = rng.choice([
        "{who} {did} {what}.", "{who} {did} {what} {where}.", "{where}, {who} {did} {what}.", "{adv}, {who} {did} {what}.",
        "{ask} {verb}?", "{ask} {verb} {where}?", "{verb}, and {who} {did} {what2}.", "{who} and {who2} {did} {what} {where}.",
        "{adv}, {verb} {where}!", "{who} said that {who2} {did} {what}.",
    ])
    text = form.format(who2=who2, what2=what2, **w)
    return text[0].upper() + text[1:]


def english(count, seed):
    """`count` English training sentences."""
    rng = random.Random(seed)
    own = [s for s in _OWN]
    rng.shuffle(own)
    return [own[i // 6] if i % 6 == 0 and i // 6 < len(own) else _invented(rng) if i % 3 == 1 else _english(rng) for i in range(count)]


def foreign(language, count, seed):
    """`count` sentences of "de", "es", "it" or "fr"."""
    rng = random.Random(f"{language}{seed}")
    lists = [part.split("|") for part in _OTHER[language]]
    return [" ".join(rng.choice(words) for words in lists).capitalize() + rng.choice(".?!") for _ in range(count)]


def syllables(consonants, vowels, count, seed):
    """Words of open syllables in a language that is written as it is spoken; both lists are strings of letters."""
    rng = random.Random(seed)
    word = lambda: "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(rng.randint(1, 3))) + rng.choice(["", "", "n", "s", "m"])
    return [" ".join(word() for _ in range(rng.randint(4, 7))) + "." for _ in range(count)]


def held_out():
    """Sentences never trained on, with many closures and rounded sounds: the gates."""
    return list(_HELD)
